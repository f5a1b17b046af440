/** The arithmetic of money on the canvas: in, out and kept of each account, and when it happened. */
import { amountOf, spanOf } from "./format";
import { kept } from "./kept";
import { isMoney } from "./style";
import type { Key, RelData } from "./types";
import { endKey, startKey } from "./types";
import type { View } from "./view";

/** One account or wallet, by currency in minor units; times in UTC milliseconds. Only what is drawn is counted. */
export interface Account {
  readonly ins: ReadonlyMap<string, number>;
  readonly outs: ReadonlyMap<string, number>;
  readonly firstIn: number;
  readonly firstOut: number;
  readonly last: number;
}

interface Growing {
  ins: Map<string, number>;
  outs: Map<string, number>;
  firstIn: number;
  firstOut: number;
  last: number;
}

/** Money in and out of every drawn node. A transfer to itself moves nothing. */
export const accountsOf = kept((view: View): ReadonlyMap<Key, Account> => {
  const found = new Map<Key, Growing>();
  const at = (key: Key) => {
    const known = found.get(key) ?? { ins: new Map<string, number>(), outs: new Map<string, number>(), firstIn: Infinity, firstOut: Infinity, last: -Infinity };
    found.set(key, known);
    return known;
  };
  for (const line of view.lines.values()) {
    if (!isMoney(line.type)) continue;
    for (const rel of line.rels) {
      const amount = amountOf(rel);
      const [start, end] = [drawnEnd(view, line.start, line.end, startKey(rel)), drawnEnd(view, line.end, line.start, endKey(rel))];
      if (!amount || start === end) continue;
      const when = spanOf(rel)?.[0] ?? Infinity;
      const [payer, payee] = [at(start), at(end)];
      payer.outs.set(amount.currency, (payer.outs.get(amount.currency) ?? 0) + amount.minor);
      payee.ins.set(amount.currency, (payee.ins.get(amount.currency) ?? 0) + amount.minor);
      payer.firstOut = Math.min(payer.firstOut, when);
      payee.firstIn = Math.min(payee.firstIn, when);
      for (const one of [payer, payee]) if (Number.isFinite(when)) one.last = Math.max(one.last, when);
    }
  }
  return found;
});

/** The end of a line that stands for a node: itself, or the group it is in. */
function drawnEnd(view: View, likely: Key, other: Key, key: Key): Key {
  if (key === likely || key === other) return key;
  return view.groups.get(other)?.members.includes(key) ? other : likely;
}

/** In less out by currency. */
export function keptOf(account: Account): ReadonlyMap<string, number> {
  const kept = new Map(account.ins);
  for (const [currency, minor] of account.outs) kept.set(currency, (kept.get(currency) ?? 0) - minor);
  return kept;
}

/** Times of money on the canvas in order, for playing it: each once. */
export function moments(rels: Iterable<RelData>): number[] {
  const times = new Set<number>();
  for (const rel of rels) {
    const span = isMoney(rel.type) ? spanOf(rel) : null;
    if (span) times.add(span[0]);
  }
  return [...times].sort((a, b) => a - b);
}

/** Frames of a play of at most `most` steps: every moment when there are few, else equal numbers of moments a step. */
export function frames(times: readonly number[], most = 120): number[] {
  if (times.length <= most) return [...times];
  return Array.from({ length: most }, (_v, index) => times[Math.ceil(((index + 1) * times.length) / most) - 1]!);
}

/** Width of a line by its amount, 1.5 to 13: the area a reader compares grows with the amount. */
export function widthOf(minor: number, most: number): number {
  return most > 0 ? 1.5 + 11.5 * Math.sqrt(Math.max(0, minor) / most) : 1.5;
}
