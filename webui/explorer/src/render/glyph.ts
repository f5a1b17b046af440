/** Drawing shared by both renderers: node bodies, marks, rings, labels, loops. */
import type { Shape, Theme } from "../style";

type Context = CanvasRenderingContext2D;
/** Pixels of the drawing for one of a plain desk: the page's letters are larger on a screen of 4K, and so are the drawing's. */
let unit = 1;

export function setUnit(pixels: number): void {
  unit = pixels;
}

export function unitNow(): number {
  return unit;
}

const FONT = 'system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

export function body(context: Context, shape: Shape, x: number, y: number, size: number): void {
  context.beginPath();
  if (shape === "circle") context.arc(x, y, size, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - size * 0.82, y - size * 0.82, size * 1.64, size * 1.64);
  else {
    context.moveTo(x, y - size * 1.12);
    context.lineTo(x + size * 1.12, y);
    context.lineTo(x, y + size * 1.12);
    context.lineTo(x - size * 1.12, y);
    context.closePath();
  }
}

/** The letter inside a node; too small a node carries none. */
export function mark(context: Context, text: string, x: number, y: number, size: number): void {
  if (size < 6) return;
  context.font = `700 ${Math.round(size * (text.length > 1 ? 0.78 : 1.05))}px ${FONT}`;
  context.fillStyle = "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + size * 0.06);
}

export function ring(context: Context, shape: Shape, x: number, y: number, size: number, color: string, width = 2.5): void {
  body(context, shape, x, y, size + 3.5);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/** A filled triangle with its tip here, in the fill style that is set. */
export function arrowHead(context: Context, x: number, y: number, angle: number, length: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - length * Math.cos(angle - 0.4), y - length * Math.sin(angle - 0.4));
  context.lineTo(x - length * Math.cos(angle + 0.4), y - length * Math.sin(angle + 0.4));
  context.fill();
}

/** A small pin at the upper right. */
export function pin(context: Context, x: number, y: number, size: number, theme: Theme): void {
  context.beginPath();
  context.arc(x + size * 0.85, y - size * 0.85, 4 * unit, 0, 2 * Math.PI);
  context.fillStyle = theme.ink;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = theme.halo;
  context.stroke();
}

/** Text with a halo, centred at (x, y). */
export function text(context: Context, words: string, x: number, y: number, theme: Theme, size = 12, weight = 500): void {
  context.font = `${weight} ${size * unit}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.5 * unit;
  context.strokeStyle = theme.halo;
  context.strokeText(words, x, y);
  context.fillStyle = theme.ink;
  context.fillText(words, x, y);
}

/** A relationship from a node to itself. */
export function loop(context: Context, x: number, y: number, size: number, color: string, width: number): void {
  context.beginPath();
  context.arc(x, y - size * 1.5, size * 0.9, 0.15 * Math.PI, 2.85 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

/** The outline of something that is not there: gone, restricted, or left in the store. */
export function dashes(context: Context, shape: Shape, x: number, y: number, size: number, theme: Theme): void {
  body(context, shape, x, y, size);
  context.fillStyle = theme.halo;
  context.fill();
  context.setLineDash([4, 3]);
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.6;
  context.stroke();
  context.setLineDash([]);
}

export function dashedLine(context: Context, x0: number, y0: number, x1: number, y1: number, color: string): void {
  context.beginPath();
  context.setLineDash([5, 4]);
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.strokeStyle = color;
  context.lineWidth = 1.4;
  context.stroke();
  context.setLineDash([]);
}

/** A sign at the upper left of a node: its text says what its colour says. */
export function badge(context: Context, words: string, x: number, y: number, size: number, color: string): void {
  context.beginPath();
  context.arc(x - size * 0.85, y - size * 0.85, 7 * unit, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.font = `700 ${9 * unit}px ${FONT}`;
  context.fillStyle = "#fff";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, x - size * 0.85, y - size * 0.85 + 0.5);
}

/** A sign at the lower right of a node. */
export function coin(context: Context, words: string, x: number, y: number, size: number, color: string): void {
  badge(context, words, x + size * 1.7, y + size * 1.7, size, color);
}

/** One band or place under the drawing, at screen coordinates. */
export function ground(context: Context, kind: "band" | "place", words: string, x: number, y: number, width: number, height: number, strong: boolean, theme: Theme): void {
  if (kind === "band") {
    context.fillStyle = strong ? theme.band : theme.halo;
    context.fillRect(x - width / 2, 0, width, height);
    context.fillStyle = theme.band;
    context.fillRect(x - width / 2, 0, width, 26 * unit);
    context.font = `600 ${11 * unit}px ${FONT}`;
    context.fillStyle = theme.ink;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [index, line] of fitted(context, words, width - 8).entries()) context.fillText(line, x, (9 + index * 13) * unit);
    return;
  }
  context.beginPath();
  // a place reaches as far as its nodes do; its name stands above them and their names
  context.arc(x, y, strong ? Math.max(26 * unit, width / 2 + 12 * unit) : 3 * unit, 0, 2 * Math.PI);
  context.fillStyle = theme.band;
  context.fill();
  context.font = `${strong ? 600 : 400} ${(strong ? 13 : 10) * unit}px ${FONT}`;
  context.fillStyle = theme.dim;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, x, y - (strong ? Math.max(36 * unit, width / 2 + 40 * unit) : 10 * unit));
}

/**
 * At most two lines. A head that does not fit says less, never half a word: of a span its beginning, of that the day, of
 * "Layer 3 · 12" the layer, and of that its number.
 */
export function fitted(context: Pick<Context, "measureText">, words: string, width: number): string[] {
  return words.split("\n").slice(0, 2).map((line) => {
    const start = line.split(" – ")[0]!;
    const shorter = start.includes(" · ") ? start.split(" · ")[0]! : start.split(" ")[0]!;
    const number = /^\D*(\d+)\D*$/.exec(shorter)?.[1] ?? "";
    return [line, start, shorter, number].find((text) => context.measureText(text).width <= width) ?? "";
  });
}
