/** Names of nodes and amounts of lines, none over another: the selection and what is under the pointer first, names before amounts. */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import * as glyph from "./glyph";
import { placed, ROW, widthOfText, type Caption } from "./labels";
import type { Scene, SceneLine, SceneNode } from "./renderer";

type Context = CanvasRenderingContext2D;
/** Where a node is on the stage and how large, in pixels; null when it is off the picture. */
export type At = (key: Key) => { readonly x: number; readonly y: number; readonly size: number } | null;
type Written = Caption & { paint(context: Context): void };

/** With more lines than this amounts are said for selected ones only. */
const SAID_LINES = 400;
/** A shorter line has no room for its amount. */
const SAID_LENGTH = 70;

export function paintCaptions(context: Context, scene: Scene, at: At, theme: Theme, hover: Key | null): void {
  for (const caption of placed([...names(scene, at, theme, hover), ...amounts(scene, at, theme)])) caption.paint(context);
}

/** How far a curved line's handle lies beside its middle. */
export function bend(from: Place, to: Place, curve: number): Place {
  return { x: (from.x + to.x) / 2 + (to.y - from.y) * curve, y: (from.y + to.y) / 2 - (to.x - from.x) * curve };
}

function names(scene: Scene, at: At, theme: Theme, hover: Key | null): Written[] {
  return scene.nodes.flatMap((node): Written[] => {
    const always = node.selected || node.key === hover;
    const place = node.label && (scene.labels || always) ? at(node.key) : null;
    return place ? [name(node, place, always, theme, hover)] : [];
  });
}

function name(node: SceneNode, place: { x: number; y: number; size: number }, always: boolean, theme: Theme, hover: Key | null): Written {
  const [x, y] = [place.x, place.y + place.size + 10];
  return {
    text: node.label, x, y, always, rows: node.sub ? 2 : 1, weight: node.size + (node.sub ? 100 : 0),
    paint(context) {
      glyph.text(context, node.label, x, y, theme, 12, node.key === hover ? 700 : 500);
      if (node.sub) glyph.text(context, node.sub, x, y + 14, theme, 10, 400);
    },
  };
}

function amounts(scene: Scene, at: At, theme: Theme): Written[] {
  const all = scene.amounts && scene.lines.length <= SAID_LINES;
  return scene.lines.flatMap((line): Written[] => {
    if (!line.label || line.dashed || line.start === line.end || !(all || line.selected)) return [];
    const [from, to] = [at(line.start), at(line.end)];
    if (!from || !to || Math.hypot(to.x - from.x, to.y - from.y) < SAID_LENGTH) return [];
    return [amount(line, from, to, theme)];
  });
}

function amount(line: SceneLine, from: Place, to: Place, theme: Theme): Written {
  const handle = bend(from, to, line.curve);
  const [x, y] = [(from.x + 2 * handle.x + to.x) / 4, (from.y + 2 * handle.y + to.y) / 4];
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const upright = Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn;
  const [long, cos, sin] = [widthOfText(line.label), Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return {
    text: line.label, x: x + 8 * Math.sin(upright), y: y - 8 * Math.cos(upright), always: line.selected, weight: -1,
    box: { wide: long * cos + ROW * sin, high: long * sin + ROW * cos },
    paint(context) {
      context.save();
      context.translate(x, y);
      context.rotate(upright);
      glyph.text(context, line.label, 0, -8, theme, 11);
      context.restore();
    },
  };
}
