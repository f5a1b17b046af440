/** Names of nodes and amounts of lines, none over another or over a node: the selection and what is under the pointer first, names before amounts. */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import * as glyph from "./glyph";
import { placed, widthOfText, type Caption } from "./labels";
import type { Scene, SceneLine, SceneNode } from "./renderer";

type Context = CanvasRenderingContext2D;
/** Where a node is on the stage and how large, in pixels; null when it is off the picture. */
export type At = (key: Key) => { readonly x: number; readonly y: number; readonly size: number } | null;
type Written = Caption & { paint(context: Context): void };

/** With more lines than this amounts are said for selected ones only. */
const SAID_LINES = 400;
/** A shorter line has no room for its amount. */
const SAID_LENGTH = 70;
/** From the edge of a line to the middle of its amount. */
const BESIDE = 8;

export function paintCaptions(context: Context, scene: Scene, at: At, theme: Theme, hover: Key | null): void {
  const taken = scene.nodes.flatMap((node) => at(node.key) ?? []);
  for (const caption of placed([...names(scene, at, theme, hover), ...amounts(scene, at, theme)], taken, context.canvas?.clientWidth ?? 0)) caption.paint(context);
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
  const lines = [node.sub, node.reach].filter((line) => line !== undefined);
  const full = written(node, node.label, lines, place, always, theme, hover);
  return node.short ? { ...full, less: written(node, node.short, [], place, always, theme, hover) } : full;
}

function written(node: SceneNode, label: string, lines: readonly string[], place: { x: number; y: number; size: number }, always: boolean, theme: Theme, hover: Key | null): Written {
  const unit = glyph.unitNow();
  const [x, y] = [place.x, place.y + place.size + 10 * unit];
  const above = place.y - place.size - (10 + 14 * lines.length) * unit;
  // the widest line says how much room all need
  const text = [label, ...lines].reduce((a, b) => (b.length > a.length ? b : a));
  const aside = place.size + 3 * unit + widthOfText(text) / 2;
  return {
    text, x, y, others: [{ x, y: above }, { x: x + aside, y: place.y }, { x: x - aside, y: place.y }], always, rows: 1 + lines.length, weight: node.size + (lines.length ? 100 : 0),
    paint(context) {
      glyph.text(context, label, this.x, this.y, theme, 12, node.key === hover ? 700 : 500);
      lines.forEach((line, index) => glyph.text(context, line, this.x, this.y + 14 * unit * (index + 1), theme, 10, line === node.reach ? 700 : 400));
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

/** Above the middle of its line; where a name lies there, nearer to an end or on the other side. */
function amount(line: SceneLine, from: Place, to: Place, theme: Theme): Written {
  const handle = bend(from, to, line.curve);
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const turn = Math.abs(angle) > Math.PI / 2 ? angle - Math.sign(angle) * Math.PI : angle;
  const spot = (t: number, off: number) => {
    const on = (a: number, b: number, c: number) => (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t * t * c;
    return { x: on(from.x, handle.x, to.x) + off * Math.sin(turn), y: on(from.y, handle.y, to.y) - off * Math.cos(turn) };
  };
  const off = BESIDE * glyph.unitNow() + line.width / 2;
  const said = (text: string): Written => ({
    ...spot(0.5, off), others: [spot(0.38, off), spot(0.62, off), spot(0.5, -off), spot(0.38, -off), spot(0.62, -off)],
    text, turn, always: line.selected, weight: -1,
    paint(context) {
      context.save();
      context.translate(this.x, this.y);
      context.rotate(turn);
      glyph.text(context, text, 0, 0, theme, 11);
      context.restore();
    },
  });
  // where how many there are has no room, the sum alone may have
  const sum = line.label.replace(/^[\d,]+ × /, "");
  return sum === line.label ? said(sum) : { ...said(line.label), less: said(sum) };
}
