/** Layouts that need no iterations: money layers left to right, rings around one node, a circle by kind. y points up. */
import type { Line } from "../view";
import { isMoney } from "../style";
import { rowsFor } from "./bands";
import type { Key, NodeData, Place, RelData } from "../types";
import { endKey } from "../types";

export type LayoutName = "force" | "hierarchy" | "layers" | "radial" | "circle" | "map";
export const LAYOUTS: readonly LayoutName[] = ["force", "hierarchy", "layers", "radial", "circle", "map"];
const GAP = 90;

/** Layer of each node: as the finding says (its own or INVOLVES.layer), else one step after its earliest payer. */
export function layerOf(nodes: ReadonlyMap<Key, NodeData>, lines: Iterable<Line>, rels: Iterable<RelData>): Map<Key, number> {
  const layers = new Map<Key, number>();
  for (const [key, node] of nodes) {
    const layer = node.properties["layer"];
    if (typeof layer === "number") layers.set(key, layer);
  }
  for (const rel of rels) {
    const layer = rel.properties["layer"];
    if (rel.type === "INVOLVES" && typeof layer === "number" && nodes.has(endKey(rel))) layers.set(endKey(rel), layer);
  }
  const flows = [...lines].filter((line) => isMoney(line.type) && line.start !== line.end);
  const paid = new Set(flows.map((line) => line.end));
  let frontier = flows.map((line) => line.start).filter((key) => !paid.has(key) && !layers.has(key));
  if (!frontier.length && !layers.size && flows[0]) frontier = [flows[0].start];
  for (const key of frontier) layers.set(key, 0);
  frontier = [...layers.keys()];
  const payees = groupBy(flows, (line) => line.start, (line) => line.end);
  while (frontier.length) {
    const next: Key[] = [];
    for (const key of frontier) {
      for (const payee of payees.get(key) ?? []) {
        if (layers.has(payee)) continue;
        layers.set(payee, layers.get(key)! + 1);
        next.push(payee);
      }
    }
    frontier = next;
  }
  return layers;
}

/**
 * Bands by layer, left to right; what moves no money stands by its first neighbour that does, a little off the band.
 * A crowded band (80 victims) is folded into several columns, so that the picture keeps the shape of a screen.
 */
export function layered(nodes: ReadonlyMap<Key, NodeData>, lines: readonly Line[], rels: Iterable<RelData>): Map<Key, Place> {
  const layers = layerOf(nodes, lines, rels);
  const bands = new Map<number, Key[]>();
  for (const key of nodes.keys()) {
    const layer = layers.get(key) ?? beside(key, lines, layers);
    bands.set(layer, [...(bands.get(layer) ?? []), key]);
  }
  const places = new Map<Key, Place>();
  const near = neighbourMap(lines);
  const tall = Math.max(5, rowsFor([...bands.values()].map((keys) => keys.length), { row: GAP, column: GAP * 1.5, gap: GAP * 1.1 }));
  // A chain of single nodes goes up and down by more: its names, amounts and by-passes have the height for themselves.
  const step = GAP * (nodes.size === bands.size ? 1.5 : 0.4);
  let left = 0;
  for (const band of [...bands.keys()].sort((a, b) => a - b)) {
    const keys = bands.get(band)!;
    const pull = (key: Key) => mean([...(near.get(key) ?? [])].flatMap((other) => places.get(other)?.y ?? []));
    const sorted = keys.map((key) => ({ key, y: pull(key) })).sort((a, b) => b.y - a.y || a.key.localeCompare(b.key));
    const columns = Math.ceil(sorted.length / tall);
    const rows = Math.ceil(sorted.length / columns);
    sorted.forEach(({ key }, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      // Every other column a little lower: names side by side stay apart, and a line that skips a layer passes beside it.
      const lower = (Math.abs(band) + column) % 2 === 1 ? step : 0;
      places.set(key, { x: left + column * GAP * 1.5, y: ((rows - 1) / 2 - row) * GAP - lower });
    });
    left += (columns - 1) * GAP * 1.5 + GAP * 2.6;
  }
  return places;
}

function beside(key: Key, lines: readonly Line[], layers: ReadonlyMap<Key, number>): number {
  for (const line of lines) {
    const other = line.start === key ? line.end : line.end === key ? line.start : null;
    const layer = other === null ? undefined : layers.get(other);
    if (layer !== undefined) return layer + (line.start === key ? -0.5 : 0.5);
  }
  return -1;
}

/** Rings by number of steps from `root`; a subtree keeps to its parent's side. Unreached nodes are outermost. */
export function radial(nodes: ReadonlyMap<Key, NodeData>, lines: Iterable<Line>, root: Key): Map<Key, Place> {
  const near = neighbourMap(lines);
  const rings: Key[][] = [[root]];
  const seen = new Set([root]);
  for (let ring = rings[0]!; ring.length; ) {
    const next: Key[] = [];
    for (const key of ring) {
      for (const other of near.get(key) ?? []) {
        if (seen.has(other) || !nodes.has(other)) continue;
        seen.add(other);
        next.push(other);
      }
    }
    if (next.length) rings.push(next);
    ring = next;
  }
  const unreached = [...nodes.keys()].filter((key) => !seen.has(key));
  if (unreached.length) rings.push(unreached);
  const places = new Map<Key, Place>();
  let radius = 0;
  for (const ring of rings) {
    ring.forEach((key, index) => {
      const angle = (2 * Math.PI * index) / ring.length + Math.PI / 2;
      places.set(key, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
    });
    radius = Math.max(radius + GAP * 1.8, ((rings[rings.indexOf(ring) + 1]?.length ?? 0) * 44) / (2 * Math.PI));
  }
  return places;
}

/** One circle, kinds beside each other. */
export function circle(nodes: ReadonlyMap<Key, NodeData>): Map<Key, Place> {
  const keys = [...nodes].sort(([a, x], [b, y]) => x.label.localeCompare(y.label) || a.localeCompare(b)).map(([key]) => key);
  const radius = Math.max(GAP * 1.5, (keys.length * 44) / (2 * Math.PI));
  return new Map(
    keys.map((key, index) => {
      const angle = Math.PI / 2 - (2 * Math.PI * index) / keys.length;
      return [key, { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }];
    }),
  );
}

function neighbourMap(lines: Iterable<Line>): Map<Key, Set<Key>> {
  const near = new Map<Key, Set<Key>>();
  const add = (a: Key, b: Key) => near.set(a, (near.get(a) ?? new Set()).add(b));
  for (const line of lines) {
    add(line.start, line.end);
    add(line.end, line.start);
  }
  return near;
}

function groupBy<T>(items: readonly T[], key: (item: T) => Key, value: (item: T) => Key): Map<Key, Key[]> {
  const groups = new Map<Key, Key[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), value(item)]);
  return groups;
}

function mean(values: readonly number[]): number {
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : 0;
}
