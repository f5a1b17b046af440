/** Drawing shared by both renderers: node bodies, marks, rings, labels, loops. */
import type { Shape, Theme } from "../style";

type Context = CanvasRenderingContext2D;
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

/** A small pin at the upper right. */
export function pin(context: Context, x: number, y: number, size: number, theme: Theme): void {
  context.beginPath();
  context.arc(x + size * 0.85, y - size * 0.85, 4, 0, 2 * Math.PI);
  context.fillStyle = theme.ink;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = theme.halo;
  context.stroke();
}

/** Text with a halo, centred at (x, y). */
export function text(context: Context, words: string, x: number, y: number, theme: Theme, size = 12, weight = 500): void {
  context.font = `${weight} ${size}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.5;
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
