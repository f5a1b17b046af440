/** A picture of few nodes and lines in full: everything a scene says, painted in the page. */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import { bend, paintCaptions } from "./captions";
import * as glyph from "./glyph";
import type { Scene, SceneLine, SceneNode } from "./renderer";

/** Where things are: graph places to pixels of the stage. */
export interface Sight {
  readonly places: ReadonlyMap<Key, Place>;
  readonly nodes: ReadonlyMap<Key, SceneNode>;
  readonly scale: number;
  readonly height: number;
  toScreen(place: Place): { x: number; y: number };
}

export function paintDetail(context: CanvasRenderingContext2D, scene: Scene, sight: Sight, theme: Theme, hover: Key | null): void {
  for (const item of scene.ground) {
    const at = sight.toScreen(item);
    glyph.ground(context, item.kind, item.text, at.x, at.y, item.width * sight.scale, sight.height, item.strong, theme);
  }
  for (const line of scene.lines) paintLine(context, line, sight);
  for (const node of scene.nodes) paintNode(context, node, sight, theme);
  const at = (key: Key) => ({ ...sight.toScreen(sight.places.get(key)!), size: sight.nodes.get(key)!.size });
  paintCaptions(context, scene, at, theme, hover);
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
  if (node.coin) glyph.coin(context, node.coin, x, y, node.size, node.coinColor ?? theme.select);
  if (node.pinned) glyph.pin(context, x, y, node.size, theme);
}

function paintLine(context: CanvasRenderingContext2D, line: SceneLine, sight: Sight): void {
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
  glyph.arrowHead(context, tip.x, tip.y, angle, 6 + line.width);
}
