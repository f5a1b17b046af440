/** Which names are written when not all have room: none over another, the heavier first, the same every time. */
export interface Caption {
  readonly text: string;
  /** Middle of the text. */
  readonly x: number;
  readonly y: number;
  /** Who comes first; equal ones in the order given. */
  readonly weight: number;
  /** Written whether there is room or not. */
  readonly always: boolean;
  /** Lines of text, 1 unless said. */
  readonly rows?: number;
  /** Room of a text that does not lie flat, around its middle. */
  readonly box?: { readonly wide: number; readonly high: number };
}

/** Height of a line of text. */
export const ROW = 15;
const CELL = 64;

/** Width of a text at 12 px: an estimate that needs no canvas; wide characters are those of Chinese, Japanese, Korean. */
export function widthOfText(text: string): number {
  let width = 4;
  for (const letter of text) width += letter > "\u2e7f" ? 12.5 : letter === letter.toUpperCase() ? 7.8 : 6.4;
  return width;
}

/** The captions that are written. */
export function placed<T extends Caption>(captions: readonly T[]): T[] {
  const cells = new Map<string, Box[]>();
  const order = captions.map((caption, index) => ({ caption, index }));
  order.sort((a, b) => Number(b.caption.always) - Number(a.caption.always) || b.caption.weight - a.caption.weight || a.index - b.index);
  const written: T[] = [];
  for (const { caption } of order) {
    const box = boxOf(caption);
    const keys = cellsOf(box);
    if (!caption.always && keys.some((key) => cells.get(key)?.some((other) => meet(box, other)))) continue;
    written.push(caption);
    for (const key of keys) {
      const known = cells.get(key);
      if (known) known.push(box);
      else cells.set(key, [box]);
    }
  }
  return written;
}

interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

function boxOf({ text, x, y, rows, box }: Caption): Box {
  const half = (box?.wide ?? widthOfText(text)) / 2;
  if (box) return { x0: x - half, x1: x + half, y0: y - box.high / 2, y1: y + box.high / 2 };
  return { x0: x - half, x1: x + half, y0: y - ROW / 2, y1: y - ROW / 2 + ROW * (rows ?? 1) };
}

function meet(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

function cellsOf(box: Box): string[] {
  const keys: string[] = [];
  for (let x = Math.floor(box.x0 / CELL); x <= Math.floor(box.x1 / CELL); x++) {
    for (let y = Math.floor(box.y0 / CELL); y <= Math.floor(box.y1 / CELL); y++) keys.push(`${x},${y}`);
  }
  return keys;
}
