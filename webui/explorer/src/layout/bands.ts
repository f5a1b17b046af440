/** Money mode's picture: bands from victim to cash-out, left to right; inside a band, earlier arrivals stand further left. */
import type { Account } from "../flow";
import type { Ground } from "../render/renderer";
import type { Key, NodeData, Place, RelData } from "../types";
import type { Line } from "../view";
import { layerOf } from "./kinds";

/** Two lines of text under a node, at the size a chain of five is drawn. */
const ROW = 140;
const LOWER = 70;
const COLUMN = 190;
const GAP = 150;

export interface Bands {
  readonly places: Map<Key, Place>;
  readonly ground: Ground[];
}

/** What a band's head says: its layer, and when its accounts first received (or, for the payers, paid). */
export type Heading = (layer: number, first: number, last: number, keys: readonly Key[]) => string;

export function banded(nodes: ReadonlyMap<Key, NodeData>, lines: readonly Line[], rels: Iterable<RelData>, accounts: ReadonlyMap<Key, Account>, heading: Heading): Bands {
  const layers = layerOf(nodes, lines, rels);
  const bands = new Map<number, Key[]>();
  for (const key of nodes.keys()) {
    const layer = layers.get(key) ?? -1;
    bands.set(layer, [...(bands.get(layer) ?? []), key]);
  }
  const arrival = (key: Key) => {
    const account = accounts.get(key);
    if (!account) return Infinity;
    return Number.isFinite(account.firstIn) ? account.firstIn : account.firstOut;
  };
  const tall = rowsFor([...bands.values()].map((keys) => keys.length), { row: ROW, column: COLUMN, gap: GAP });
  const places = new Map<Key, Place>();
  const ground: Ground[] = [];
  let left = 0;
  // Money followed upstream counts downwards from where one began: a reader counts from the left.
  const lowest = Math.min(...bands.keys());
  for (const layer of [...bands.keys()].sort((a, b) => a - b)) {
    const keys = [...bands.get(layer)!].sort((a, b) => arrival(a) - arrival(b) || (a < b ? -1 : 1));
    const columns = Math.ceil(keys.length / tall);
    const rows = Math.ceil(keys.length / columns);
    const times = keys.map(arrival).filter(Number.isFinite);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const width = Math.max(columns * COLUMN, COLUMN);
    keys.forEach((key, index) => {
      const [column, row] = [Math.floor(index / rows), index % rows];
      const at = arrival(key);
      // Inside its column a node stands by its time: a reader sees the order at a glance.
      const share = last > first && Number.isFinite(at) ? (at - first) / (last - first) : 0.5;
      const x = columns > 1 ? left + (column + 0.5) * COLUMN + (share - 0.5) * 40 : left + width * (0.25 + 0.5 * share);
      // Every other band half a row lower: a line that skips a band passes beside its accounts.
      places.set(key, { x, y: ((rows - 1) / 2 - row) * ROW - (ground.length % 2 ? LOWER : 0) });
    });
    ground.push({ kind: "band", x: left + width / 2, y: 0, width: width + GAP * 0.7, text: heading(layer - lowest, first, last, keys), strong: ground.length % 2 === 0 });
    left += width + GAP;
  }
  return { places, ground };
}

/** Rows of the tallest band so that the whole picture has about the shape of a screen. */
export function rowsFor(sizes: readonly number[], pitch: { readonly row: number; readonly column: number; readonly gap: number }): number {
  const most = Math.max(...sizes, 1);
  for (let rows = 4; rows < most; rows++) {
    const width = sizes.reduce((sum, size) => sum + Math.ceil(size / rows) * pitch.column + pitch.gap, 0);
    if (width / (rows * pitch.row) <= 1.5) return rows;
  }
  return most;
}
