/**
 * Many nodes and lines as plain columns, and how they are painted: the same in the page and in a worker. While the picture
 * moves it is painted coarsely, with thin lines and no words; when it rests, as it should look.
 */
import { PATH_COLOR, type Theme } from "../style";
import type { Key, Place } from "../types";
import * as glyph from "./glyph";
import { placed, type Caption } from "./labels";
import type { Ground, Scene, SceneLine, SceneNode } from "./renderer";
import { pixelOf, thinCurve, thinLine } from "./thin-lines";

export interface Crowd {
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly sizes: Float32Array;
  readonly fills: Uint16Array;
  /** 0 circle, 1 square, 2 diamond. */
  readonly shapes: Uint8Array;
  readonly marks: Uint16Array;
  readonly labels: readonly string[];
  /** Nodes with something more to show: rings, pins, dashes, badges. Index and what. */
  readonly special: readonly (readonly [number, SceneNode])[];
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly widths: Float32Array;
  readonly strokes: Uint16Array;
  readonly curves: Float32Array;
  readonly dashed: Uint8Array;
  /** 0 quiet, 1 plain, 2 strong, 3 selected. */
  readonly ranks: Uint8Array;
  /** Words on lines: index and text. */
  readonly said: readonly (readonly [number, string])[];
  readonly palette: readonly string[];
  readonly letters: readonly string[];
  readonly ground: readonly Ground[];
  readonly theme: Theme;
  /** Pixels for one of a plain desk, as glyph.ts has it. */
  readonly unit: number;
}

/** What part of the graph, how large, and how well: `still` takes its time. */
export interface Look {
  readonly x: number;
  readonly y: number;
  /** Pixels of the page for one unit of the graph. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  /** Painted beyond each edge, so that a picture that is moved shows no blank rim at once. */
  readonly margin: number;
  readonly ratio: number;
  readonly still: boolean;
}

const SHAPES = ["circle", "square", "diamond"] as const;
/** Lines stroked together: one path of all would make the rasteriser compare each with each. */
const TOGETHER = 200;
/** With more lines than this on screen even a picture at rest has thin ones without heads: wide ones would be one stain. */
const WIDE_LINES = 2500;
/** Past so many lines they let those below shine through, so that dense is darker. */
const OPAQUE_LINES = 1500;
const HEAD_ROOM = 26;

/** Scene to columns. Lines are in the order they are painted: quiet ones first, and those of one look together. */
export function crowdOf(scene: Scene, places: ReadonlyMap<Key, Place>, theme: Theme): Crowd {
  const colours = new Index();
  const letters = new Index();
  const at = new Map<Key, number>();
  scene.nodes.forEach((node, index) => at.set(node.key, index));
  const lines = scene.lines.filter((line) => at.has(line.start) && at.has(line.end)).map((line) => ({ line, rank: rankOf(line, theme), stroke: colours.of(line.color) }));
  lines.sort((a, b) => a.rank - b.rank || a.stroke - b.stroke || a.line.width - b.line.width);
  return {
    ...columnsOf(scene.nodes, places),
    fills: Uint16Array.from(scene.nodes, (node) => colours.of(node.color)), shapes: Uint8Array.from(scene.nodes, (node) => SHAPES.indexOf(node.shape)),
    marks: Uint16Array.from(scene.nodes, (node) => letters.of(node.mark)), labels: scene.nodes.map((node) => (scene.labels || node.selected ? node.label : "")),
    special: scene.nodes.flatMap((node, index) => (node.selected || node.pinned || node.dashed || node.badge || node.coin ? [[index, node] as const] : [])),
    starts: Uint32Array.from(lines, ({ line }) => at.get(line.start)!), ends: Uint32Array.from(lines, ({ line }) => at.get(line.end)!),
    widths: Float32Array.from(lines, ({ line }) => line.width), strokes: Uint16Array.from(lines, ({ stroke }) => stroke),
    curves: Float32Array.from(lines, ({ line }) => line.curve), dashed: Uint8Array.from(lines, ({ line }) => (line.dashed ? 1 : 0)), ranks: Uint8Array.from(lines, ({ rank }) => rank),
    said: lines.flatMap(({ line }, index) => (line.label && line.selected ? [[index, line.label] as const] : [])),
    palette: colours.names, letters: letters.names, ground: scene.ground, theme, unit: glyph.unitNow(),
  };
}

/** Only where the nodes are and how large: all that changes while a layout settles. */
export function columnsOf(nodes: readonly SceneNode[], places: ReadonlyMap<Key, Place>): Pick<Crowd, "xs" | "ys" | "sizes"> {
  return { xs: Float32Array.from(nodes, (node) => places.get(node.key)!.x), ys: Float32Array.from(nodes, (node) => places.get(node.key)!.y), sizes: Float32Array.from(nodes, (node) => node.size) };
}

function rankOf(line: SceneLine, theme: Theme): number {
  return line.selected ? 3 : line.color === theme.faint ? 0 : line.color === PATH_COLOR || line.width > 6 ? 2 : 1;
}

class Index {
  readonly names: string[] = [];
  private readonly known = new Map<string, number>();

  of(name: string): number {
    let at = this.known.get(name);
    if (at === undefined) this.known.set(name, (at = this.names.push(name) - 1));
    return at;
  }
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Paint what a look shows. The context is cleared first; its canvas has the look's size with margins, times its ratio. */
export function paint(given: Context, crowd: Crowd, look: Look): void {
  // The drawing calls used are those both kinds of context have.
  const context = given as CanvasRenderingContext2D;
  glyph.setUnit(crowd.unit);
  const [wide, high] = [look.width + 2 * look.margin, look.height + 2 * look.margin];
  context.setTransform(look.ratio, 0, 0, look.ratio, 0, 0);
  context.clearRect(0, 0, wide, high);
  const px = crowd.xs.map((x) => wide / 2 + (x - look.x) * look.scale);
  const py = crowd.ys.map((y) => high / 2 - (y - look.y) * look.scale);
  if (!look.still) {
    // opaque ground: what is mixed into pixels needs something below
    context.fillStyle = crowd.theme.halo;
    context.fillRect(0, 0, wide, high);
  }
  for (const item of crowd.ground) glyph.ground(context, item.kind, item.text, wide / 2 + (item.x - look.x) * look.scale, high / 2 - (item.y - look.y) * look.scale, item.width * look.scale, high, item.strong, crowd.theme);
  const seen = visible(crowd, px, py, wide, high);
  const full = look.still && seen.length <= WIDE_LINES;
  const strong = look.still ? seen : paintThin(context, crowd, px, py, seen);
  paintLines(context, crowd, px, py, strong, full);
  if (full) paintHeads(context, crowd, px, py, seen);
  const near = paintNodes(context, crowd, px, py, wide, high, look.still);
  for (const [index, node] of crowd.special) paintSpecial(context, node, px[index]!, py[index]!, crowd.theme);
  if (look.still) paintWords(context, crowd, px, py, near);
}

/** Lines whose box meets the picture and that are long enough to be seen. */
function visible(crowd: Crowd, px: Float32Array, py: Float32Array, wide: number, high: number): Uint32Array {
  const seen = new Uint32Array(crowd.starts.length);
  let count = 0;
  for (let i = 0; i < seen.length; i++) {
    const [a, b] = [crowd.starts[i]!, crowd.ends[i]!];
    const [ax, ay, bx, by] = [px[a]!, py[a]!, px[b]!, py[b]!];
    const room = Math.abs(crowd.curves[i]!) * (Math.abs(ax - bx) + Math.abs(ay - by));
    if ((ax < -room && bx < -room) || (ay < -room && by < -room) || (ax > wide + room && bx > wide + room) || (ay > high + room && by > high + room)) continue;
    if (a !== b && Math.abs(ax - bx) + Math.abs(ay - by) < 2) continue;
    seen[count++] = i;
  }
  return seen.subarray(0, count);
}

/** Plain lines put into pixels while the picture moves; those that need more, as selected ones, are given back. */
function paintThin(context: CanvasRenderingContext2D, crowd: Crowd, px: Float32Array, py: Float32Array, seen: Uint32Array): Uint32Array {
  const { width, height } = context.canvas;
  const image = context.getImageData(0, 0, width, height);
  const pixels = { data: new Uint32Array(image.data.buffer), wide: width, high: height };
  const inks = crowd.palette.map(pixelOf);
  const shine = shineOf(seen.length);
  const left = seen.filter((i) => {
    const [a, b] = [crowd.starts[i]!, crowd.ends[i]!];
    if (crowd.ranks[i]! > 1 || crowd.dashed[i] || a === b) return true;
    const [ax, ay, bx, by, curve, ink] = [px[a]!, py[a]!, px[b]!, py[b]!, crowd.curves[i]!, inks[crowd.strokes[i]!]!];
    if (curve) thinCurve(pixels, ax, ay, (ax + bx) / 2 + (by - ay) * curve, (ay + by) / 2 - (bx - ax) * curve, bx, by, ink, shine);
    else thinLine(pixels, ax, ay, bx, by, ink, shine);
    return false;
  });
  context.putImageData(image, 0, 0);
  return left;
}

/** How much of a line is seen: with many, those below shine through. */
function shineOf(lines: number): number {
  return Math.max(0.16, Math.sqrt(OPAQUE_LINES / Math.max(OPAQUE_LINES, lines)));
}

function paintLines(context: CanvasRenderingContext2D, crowd: Crowd, px: Float32Array, py: Float32Array, seen: Uint32Array, full: boolean): void {
  let [stroke, width, inPath] = [-1, -1, 0];
  const shine = shineOf(seen.length);
  const flush = () => {
    if (inPath) context.stroke();
    inPath = 0;
  };
  for (const i of seen) {
    const [a, b] = [crowd.starts[i]!, crowd.ends[i]!];
    const strong = crowd.ranks[i]! > 1;
    const wanted = full || strong ? crowd.widths[i]! : 1;
    if (crowd.strokes[i] !== stroke || wanted !== width) {
      flush();
      [stroke, width] = [crowd.strokes[i]!, wanted];
      context.strokeStyle = crowd.palette[stroke]!;
      context.lineWidth = width;
      context.globalAlpha = strong ? 1 : shine;
    }
    if (a === b) {
      flush();
      glyph.loop(context, px[a]!, py[a]!, crowd.sizes[a]!, crowd.palette[stroke]!, width);
      continue;
    }
    if (crowd.dashed[i]) {
      flush();
      glyph.dashedLine(context, px[a]!, py[a]!, px[b]!, py[b]!, crowd.palette[stroke]!);
      width = -1;
      continue;
    }
    if (!inPath) context.beginPath();
    trace(context, px[a]!, py[a]!, px[b]!, py[b]!, crowd.curves[i]!);
    inPath += 1;
    // Thin lines are drawn one by one inside a path; wide ones are filled outlines, which are slow together.
    if (inPath >= (width > 1 ? 1 : TOGETHER)) flush();
  }
  flush();
  context.globalAlpha = 1;
}

function trace(context: CanvasRenderingContext2D, ax: number, ay: number, bx: number, by: number, curve: number): void {
  context.moveTo(ax, ay);
  if (curve) context.quadraticCurveTo((ax + bx) / 2 + (by - ay) * curve, (ay + by) / 2 - (bx - ax) * curve, bx, by);
  else context.lineTo(bx, by);
}

/** Arrow heads of lines long enough to show one. */
function paintHeads(context: CanvasRenderingContext2D, crowd: Crowd, px: Float32Array, py: Float32Array, seen: Uint32Array): void {
  let stroke = -1;
  for (const i of seen) {
    const [a, b] = [crowd.starts[i]!, crowd.ends[i]!];
    const [ax, ay, bx, by] = [px[a]!, py[a]!, px[b]!, py[b]!];
    if (crowd.dashed[i] || Math.abs(ax - bx) + Math.abs(ay - by) < HEAD_ROOM + crowd.sizes[b]!) continue;
    const curve = crowd.curves[i]!;
    const angle = Math.atan2(by - ((ay + by) / 2 - (bx - ax) * curve), bx - ((ax + bx) / 2 + (by - ay) * curve));
    const gap = crowd.sizes[b]! + 1.5;
    const [tx, ty] = [bx - gap * Math.cos(angle), by - gap * Math.sin(angle)];
    if (crowd.strokes[i] !== stroke) context.fillStyle = crowd.palette[(stroke = crowd.strokes[i]!)]!;
    glyph.arrowHead(context, tx, ty, angle, 4 + crowd.widths[i]! * 1.4);
  }
}

/** Bodies of the nodes on screen, and which those are. */
function paintNodes(context: CanvasRenderingContext2D, crowd: Crowd, px: Float32Array, py: Float32Array, wide: number, high: number, still: boolean): number[] {
  const near: number[] = [];
  let fill = -1;
  for (let i = 0; i < px.length; i++) {
    const [x, y, size] = [px[i]!, py[i]!, crowd.sizes[i]!];
    if (x < -size || y < -size || x > wide + size || y > high + size) continue;
    near.push(i);
    if (crowd.fills[i] !== fill) context.fillStyle = crowd.palette[(fill = crowd.fills[i]!)]!;
    const shape = crowd.shapes[i]!;
    if (shape === 1) context.fillRect(x - size * 0.82, y - size * 0.82, size * 1.64, size * 1.64);
    else if (size < (still ? 2 : 5)) context.fillRect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
    else {
      glyph.body(context, SHAPES[shape]!, x, y, size);
      context.fill();
    }
  }
  if (still) for (const i of near) if (crowd.sizes[i]! >= 6) glyph.mark(context, crowd.letters[crowd.marks[i]!]!, px[i]!, py[i]!, crowd.sizes[i]!);
  return near;
}

function paintSpecial(context: CanvasRenderingContext2D, node: SceneNode, x: number, y: number, theme: Theme): void {
  if (node.dashed) glyph.dashes(context, node.shape, x, y, node.size, theme);
  if (node.selected) glyph.ring(context, node.shape, x, y, node.size, theme.select);
  if (node.badge) glyph.badge(context, node.badge, x, y, node.size, node.badgeColor ?? theme.select);
  if (node.coin) glyph.coin(context, node.coin, x, y, node.size, node.coinColor ?? theme.select);
  if (node.pinned) glyph.pin(context, x, y, node.size, theme);
}

/** Names that have room, the largest nodes' first; a selected node's always. */
function paintWords(context: CanvasRenderingContext2D, crowd: Crowd, px: Float32Array, py: Float32Array, near: readonly number[]): void {
  const selected = new Set(crowd.special.filter(([, node]) => node.selected).map(([index]) => index));
  const captions = near.flatMap((i): Caption[] => (crowd.labels[i] ? [{ text: crowd.labels[i]!, x: px[i]!, y: py[i]! + crowd.sizes[i]! + 10 * crowd.unit, weight: crowd.sizes[i]!, always: selected.has(i) && selected.size <= 40 }] : []));
  for (const { text, x, y } of placed(captions)) glyph.text(context, text, x, y, crowd.theme);
  for (const [i, text] of crowd.said) glyph.text(context, text, (px[crowd.starts[i]!]! + px[crowd.ends[i]!]!) / 2, (py[crowd.starts[i]!]! + py[crowd.ends[i]!]!) / 2 - 8, crowd.theme, 11);
}
