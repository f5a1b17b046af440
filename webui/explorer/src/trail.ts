/** The way of one transfer's money over the canvas: what could have fed it, and what it could have fed, in the order of time. */
import { spanOf } from "./format";
import { isMoney } from "./style";
import { endKey, relKey, startKey, type Key, type RelData } from "./types";

export interface Trail {
  /** Transfers whose money can have been in it, and those that can carry its money on; without the chosen. */
  readonly up: ReadonlySet<Key>;
  readonly down: ReadonlySet<Key>;
  /** Money on the canvas without a time: it has no place in the order and is left out. */
  readonly untimed: number;
}

/** The trail of the chosen transfers among `rels`: a transfer carries money on only if it left when that money had come. */
export function trailOf(rels: Iterable<RelData>, chosen: readonly RelData[]): Trail {
  const timed: RelData[] = [];
  let untimed = 0;
  for (const rel of rels) {
    if (!isMoney(rel.type)) continue;
    if (spanOf(rel)) timed.push(rel);
    else untimed += 1;
  }
  const own = new Set(chosen.map(relKey));
  const without = (keys: ReadonlySet<Key>) => new Set([...keys].filter((key) => !own.has(key)));
  return { down: without(reach(timed, chosen, FORWARD)), up: without(reach(timed, chosen, BACKWARD)), untimed };
}

/** One direction: where money stands before and after a transfer, and when, counted so that it only grows along the way. */
interface Way {
  readonly from: (rel: RelData) => Key;
  readonly to: (rel: RelData) => Key;
  /** Earliest and latest moment of the transfer on this way's clock. */
  readonly span: (rel: RelData) => readonly [number, number];
}

const FORWARD: Way = { from: startKey, to: endKey, span: (rel) => spanOf(rel)! };
const BACKWARD: Way = { from: endKey, to: startKey, span: (rel) => { const [first, last] = spanOf(rel)!; return [-last, -first]; } };

/** Every transfer met from the chosen ones, by the earliest moment at which their money is at each account. */
function reach(rels: readonly RelData[], chosen: readonly RelData[], way: Way): Set<Key> {
  const leaving = new Map<Key, RelData[]>();
  for (const rel of rels) {
    const known = leaving.get(way.from(rel));
    if (known) known.push(rel);
    else leaving.set(way.from(rel), [rel]);
  }
  const there = new Map<Key, number>();
  const met = new Set<Key>();
  const queue: Key[] = [];
  const come = (key: Key, at: number) => {
    if (at >= (there.get(key) ?? Infinity)) return;
    there.set(key, at);
    queue.push(key);
  };
  for (const rel of chosen) if (spanOf(rel)) come(way.to(rel), way.span(rel)[0]);
  for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
    const since = there.get(key)!;
    for (const rel of leaving.get(key) ?? []) {
      const [first, last] = way.span(rel);
      if (last < since) continue;
      met.add(relKey(rel));
      come(way.to(rel), Math.max(since, first));
    }
  }
  return met;
}
