/** Which names are written when not all have room: none over another or over a node, the heavier first, the same every time. */
import { unitNow } from "./glyph";

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
  /** Direction of a text that does not lie flat, in radians, -90 to 90 degrees. */
  readonly turn?: number;
  /** Other middles to try, in this order, where the first has no room. */
  readonly others?: readonly { readonly x: number; readonly y: number }[];
  /** What is written instead where it has no room anywhere: a shorter text. */
  readonly less?: Caption;
}

/** Height of a line of text on a plain desk. */
const ROW = 15;
const CELL = 64;

/** Width of a text at 12 px: an estimate that needs no canvas; wide characters are those of Chinese, Japanese, Korean. */
export function widthOfText(text: string): number {
  let width = 4;
  for (const letter of text) width += letter > "\u2e7f" ? 12.5 : letter === letter.toUpperCase() ? 7.8 : 6.4;
  return width * unitNow();
}

/** The captions that are written, beside what is `taken` (squares of half a side `size` around their middles), rather within 0 to `wide`. */
export function placed<T extends Caption>(captions: readonly T[], taken: readonly { readonly x: number; readonly y: number; readonly size: number }[] = [], wide = 0): T[] {
  const cells = new Map<string, Box[]>();
  for (const { x, y, size } of taken) keep(cells, { x0: x - size, x1: x + size, y0: y - size, y1: y + size });
  const order = captions.map((caption, index) => ({ caption, index }));
  order.sort((a, b) => Number(b.caption.always) - Number(a.caption.always) || b.caption.weight - a.caption.weight || a.index - b.index);
  const written: T[] = [];
  const inside = (boxes: readonly Box[]) => wide <= 0 || boxes.every((box) => box.x0 >= 0 && box.x1 <= wide);
  const free = (boxes: readonly Box[]) => boxes.every((box) => cellsOf(box).every((key) => !cells.get(key)?.some((other) => meet(box, other))));
  for (const { caption } of order) {
    const tries = caption.always ? [caption] : [caption, ...(caption.less ? [caption.less as T] : [])].flatMap((one) => [one, ...(one.others ?? []).map((spot) => ({ ...one, ...spot }))]);
    const rooms = tries.map((one) => ({ one, boxes: boxesOf(one, one.x, one.y) }));
    const found = caption.always ? rooms[0] : (rooms.find(({ boxes }) => inside(boxes) && free(boxes)) ?? (free(rooms[0]!.boxes) ? rooms[0] : undefined));
    if (!found) continue;
    written.push(found.one);
    for (const box of found.boxes) keep(cells, box);
  }
  return written;
}

interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** The room of a text: one box, or a row of small ones along a slanted one. */
function boxesOf({ text, rows, turn }: Caption, x: number, y: number): Box[] {
  const half = widthOfText(text) / 2;
  const high = ROW * unitNow();
  if (!turn) return [{ x0: x - half, x1: x + half, y0: y - high / 2, y1: y - high / 2 + high * (rows ?? 1) }];
  const pieces = Math.ceil((2 * half) / high);
  const long = (2 * half) / pieces / 2;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return Array.from({ length: pieces }, (_, index) => {
    const along = (index - (pieces - 1) / 2) * 2 * long;
    const [wide, tall] = [long * cos + (high / 2) * Math.abs(sin), long * Math.abs(sin) + (high / 2) * cos];
    const [mx, my] = [x + along * cos, y + along * sin];
    return { x0: mx - wide, x1: mx + wide, y0: my - tall, y1: my + tall };
  });
}

function keep(cells: Map<string, Box[]>, box: Box): void {
  for (const key of cellsOf(box)) {
    const known = cells.get(key);
    if (known) known.push(box);
    else cells.set(key, [box]);
  }
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
