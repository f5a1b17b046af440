/** A picture of few nodes and lines in full: everything a scene says, painted in the page. */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import * as glyph from "./glyph";
import { placed, type Caption } from "./labels";
import type { Scene, SceneLine, SceneNode } from "./renderer";

/** Where things are: graph places to pixels of the stage. */
export interface Sight {
  readonly places: ReadonlyMap<Key, Place>;
  readonly nodes: ReadonlyMap<Key, SceneNode>;
  readonly scale: number;
  readonly height: number;
  toScreen(place: Place): { x: number; y: number };
}

/** With more lines than this amounts are said for selected ones only. */
const SAID_LINES = 400;

export function paintDetail(context: CanvasRenderingContext2D, scene: Scene, sight: Sight, theme: Theme, hover: Key | null): void {
  for (const item of scene.ground) {
    const at = sight.toScreen(item);
    glyph.ground(context, item.kind, item.text, at.x, at.y, item.width * sight.scale, sight.height, item.strong, theme);
  }
  const many = scene.lines.length > SAID_LINES;
  for (const line of scene.lines) paintLine(context, line, sight, theme, (scene.amounts && !many) || line.selected);
  for (const node of scene.nodes) paintNode(context, node, sight, theme);
  paintNames(context, scene, sight, theme, hover);
}

/** How far a curved line's handle lies beside its middle. */
export function bend(from: Place, to: Place, curve: number): Place {
  return { x: (from.x + to.x) / 2 + (to.y - from.y) * curve, y: (from.y + to.y) / 2 - (to.x - from.x) * curve };
}

function paintNode(context: CanvasRenderingContext2D, node: SceneNode, sight: Sight, theme: Theme): void {
  const { x, y } = sight.toScreen(sight.places.get(node.key)!);
  if (node.dashed) glyph.dashes(context, node.shape, x, y, node.size, theme);
  else {
    glyph.body(context, node.shape, x, y, node.size);
    context.fillStyle = node.color;
    context.fill();
  }
  if (node.selected) glyph.ring(context, node.shape, x, y, node.size, theme.select);
  if (node.dashed) glyph.text(context, node.mark, x, y, theme, 10, 700);
  else glyph.mark(context, node.mark, x, y, node.size);
  if (node.badge) glyph.badge(context, node.badge, x, y, node.size, node.badgeColor ?? theme.select);
  if (node.pinned) glyph.pin(context, x, y, node.size, theme);
}

/** Names that have room; those of the selection and under the pointer always. */
function paintNames(context: CanvasRenderingContext2D, scene: Scene, sight: Sight, theme: Theme, hover: Key | null): void {
  const wanted = scene.nodes.flatMap((node): (Caption & { readonly node: SceneNode })[] => {
    const always = node.selected || node.key === hover;
    if (!node.label || (!scene.labels && !always)) return [];
    const { x, y } = sight.toScreen(sight.places.get(node.key)!);
    return [{ text: node.label, x, y: y + node.size + 10, weight: node.size + (node.sub ? 100 : 0), always, rows: node.sub ? 2 : 1, node }];
  });
  for (const { node, x, y } of placed(wanted)) {
    glyph.text(context, node.label, x, y, theme, 12, node.key === hover ? 700 : 500);
    if (node.sub) glyph.text(context, node.sub, x, y + 14, theme, 10, 400);
  }
}

function paintLine(context: CanvasRenderingContext2D, line: SceneLine, sight: Sight, theme: Theme, labelled: boolean): void {
  const [from, to] = [sight.toScreen(sight.places.get(line.start)!), sight.toScreen(sight.places.get(line.end)!)];
  if (line.start === line.end) return glyph.loop(context, from.x, from.y, sight.nodes.get(line.start)!.size, line.color, line.width);
  const handle = bend(from, to, line.curve);
  const angle = Math.atan2(to.y - handle.y, to.x - handle.x);
  const gap = sight.nodes.get(line.end)!.size + 2;
  const tip = { x: to.x - gap * Math.cos(angle), y: to.y - gap * Math.sin(angle) };
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.quadraticCurveTo(handle.x, handle.y, tip.x, tip.y);
  context.strokeStyle = context.fillStyle = line.color;
  context.lineWidth = line.width;
  context.setLineDash(line.dashed ? [5, 4] : []);
  context.stroke();
  context.setLineDash([]);
  if (line.dashed) return;
  const head = 6 + line.width;
  context.beginPath();
  context.moveTo(tip.x, tip.y);
  context.lineTo(tip.x - head * Math.cos(angle - 0.4), tip.y - head * Math.sin(angle - 0.4));
  context.lineTo(tip.x - head * Math.cos(angle + 0.4), tip.y - head * Math.sin(angle + 0.4));
  context.fill();
  if (!labelled || Math.hypot(to.x - from.x, to.y - from.y) < 70) return;
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  context.save();
  context.translate((from.x + 2 * handle.x + to.x) / 4, (from.y + 2 * handle.y + to.y) / 4);
  context.rotate(Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn);
  glyph.text(context, line.label, 0, -8, theme, 11);
  context.restore();
}
