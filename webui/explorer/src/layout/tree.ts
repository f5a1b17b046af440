/** Hierarchical: from the roots downwards along the arrows, children below their parent. The same every time. */
import type { Key, NodeData, Place } from "../types";
import type { Line } from "../view";

const WIDE = 120;
const HIGH = 150;

/** Roots are nodes nothing points at, else those with most to say; what is not reached starts a tree of its own. */
export function tree(nodes: ReadonlyMap<Key, NodeData>, lines: readonly Line[]): Map<Key, Place> {
  const children = new Map<Key, Key[]>();
  const pointed = new Set<Key>();
  const degree = new Map<Key, number>();
  for (const line of lines) {
    if (line.start === line.end) continue;
    children.set(line.start, [...(children.get(line.start) ?? []), line.end]);
    pointed.add(line.end);
    for (const key of [line.start, line.end]) degree.set(key, (degree.get(key) ?? 0) + 1);
  }
  const order = [...nodes.keys()].sort((a, b) => Number(pointed.has(a)) - Number(pointed.has(b)) || (degree.get(b) ?? 0) - (degree.get(a) ?? 0) || (a < b ? -1 : 1));
  const places = new Map<Key, Place>();
  const depthOf = new Map<Key, number>();
  let column = 0;
  for (const root of order) {
    if (depthOf.has(root)) continue;
    column = placeTree(root, children, nodes, depthOf, places, column) + 1;
  }
  return places;
}

/** One tree from `column` on; returns the first free column after it. Iterative: a chain may be ten thousand long. */
function placeTree(root: Key, children: ReadonlyMap<Key, Key[]>, nodes: ReadonlyMap<Key, NodeData>, depthOf: Map<Key, number>, places: Map<Key, Place>, from: number): number {
  const mine = new Map<Key, Key[]>();
  const order: Key[] = [];
  depthOf.set(root, 0);
  const queue = [root];
  for (let index = 0; index < queue.length; index++) {
    const key = queue[index]!;
    order.push(key);
    const fresh = [...new Set(children.get(key) ?? [])].filter((child) => nodes.has(child) && !depthOf.has(child)).sort();
    mine.set(key, fresh);
    for (const child of fresh) {
      depthOf.set(child, depthOf.get(key)! + 1);
      queue.push(child);
    }
  }
  const width = new Map<Key, number>();
  for (const key of [...order].reverse()) width.set(key, Math.max(1, mine.get(key)!.reduce((sum, child) => sum + width.get(child)!, 0)));
  const left = new Map<Key, number>([[root, from]]);
  for (const key of order) {
    let at = left.get(key)!;
    places.set(key, { x: (at + width.get(key)! / 2) * WIDE, y: -depthOf.get(key)! * HIGH });
    for (const child of mine.get(key)!) {
      left.set(child, at);
      at += width.get(child)!;
    }
  }
  return from + width.get(root)!;
}
