/** What is drawn of a state: nodes and folded lines after hiding, legend and filters, and what those left out. */
import { amountOf, major, shortMoney, spanOf } from "./format";
import type { Filter, State } from "./state";
import type { Key, NodeData, RelData } from "./types";
import { endKey, nodeKey, startKey } from "./types";

/** All relationships of one type from one node to another, drawn as one line. */
export interface Line {
  readonly key: Key;
  readonly start: Key;
  readonly end: Key;
  readonly type: string;
  readonly rels: readonly RelData[];
  /** Sum of minor units by currency. */
  readonly totals: ReadonlyMap<string, number>;
  readonly curve: number;
}

export interface View {
  readonly nodes: ReadonlyMap<Key, NodeData>;
  readonly lines: ReadonlyMap<Key, Line>;
  /** All on the canvas by label and type, hidden or not: for the legend. */
  readonly labelCounts: ReadonlyMap<string, number>;
  readonly typeCounts: ReadonlyMap<string, number>;
  readonly filteredRels: number;
  readonly filteredNodes: number;
  readonly otherCurrency: number;
}

export function viewOf(state: State): View {
  const labelCounts = tally([...state.nodes.values()].map((node) => node.label));
  const typeCounts = tally([...state.rels.values()].map((rel) => rel.type));
  const on = new Map<Key, NodeData>();
  for (const [key, node] of state.nodes) if (!state.hidden.has(key) && !state.offLabels.has(node.label)) on.set(key, node);
  const kept: RelData[] = [];
  const lonely = new Set<Key>();
  let filteredRels = 0;
  let otherCurrency = 0;
  for (const rel of state.rels.values()) {
    if (!on.has(startKey(rel)) || !on.has(endKey(rel)) || state.offTypes.has(rel.type)) continue;
    const verdict = judge(rel, state.filter);
    if (verdict === "other") otherCurrency += 1;
    if (verdict === "out") {
      filteredRels += 1;
      lonely.add(startKey(rel)).add(endKey(rel));
    } else kept.push(rel);
  }
  for (const rel of kept) {
    lonely.delete(startKey(rel));
    lonely.delete(endKey(rel));
  }
  for (const key of lonely) on.delete(key);
  return { nodes: on, lines: foldLines(kept), labelCounts, typeCounts, filteredRels, filteredNodes: lonely.size, otherCurrency };
}

/** Whether a filter lets a relationship through: "other" passes an amount filter only because of its currency. */
export function judge(rel: RelData, filter: Filter): "in" | "out" | "other" {
  const span = spanOf(rel);
  if (span && filter.fromMs !== undefined && span[1] < filter.fromMs) return "out";
  if (span && filter.toMs !== undefined && span[0] > filter.toMs) return "out";
  if (filter.min === undefined && filter.max === undefined) return "in";
  const amount = amountOf(rel);
  if (!amount) return "in";
  if (filter.currency && amount.currency !== filter.currency) return "other";
  const value = major(amount.minor, amount.currency);
  return value < (filter.min ?? -Infinity) || value > (filter.max ?? Infinity) ? "out" : "in";
}

/** Fold parallel relationships of one type and direction; lines between the same two nodes get their own curve. */
export function foldLines(rels: readonly RelData[]): ReadonlyMap<Key, Line> {
  const groups = new Map<Key, RelData[]>();
  for (const rel of rels) {
    const key = JSON.stringify([startKey(rel), rel.type, endKey(rel)]);
    const group = groups.get(key);
    if (group) group.push(rel);
    else groups.set(key, [rel]);
  }
  const pairs = new Map<string, Key[]>();
  for (const [key, [first]] of groups) {
    const ends = [startKey(first!), endKey(first!)].sort();
    const pair = JSON.stringify(ends);
    pairs.set(pair, [...(pairs.get(pair) ?? []), key]);
  }
  const lines = new Map<Key, Line>();
  for (const keys of pairs.values()) {
    keys.forEach((key, index) => {
      const group = groups.get(key)!;
      const [start, end] = [startKey(group[0]!), endKey(group[0]!)];
      const side = (index - (keys.length - 1) / 2) * 0.5;
      const curve = start <= end ? side : -side;
      lines.set(key, { key, start, end, type: group[0]!.type, rels: group, totals: totalsOf(group), curve });
    });
  }
  return lines;
}

export function totalsOf(rels: readonly RelData[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const rel of rels) {
    const amount = amountOf(rel);
    if (amount) totals.set(amount.currency, (totals.get(amount.currency) ?? 0) + amount.minor);
  }
  return totals;
}

/** Text on a line: the amount, with the number of transfers when there are several; the type when no money moves. */
export function lineLabel(line: Line, typeName: (type: string) => string): string {
  const sum = [...line.totals].map(([currency, minor]) => shortMoney(minor, currency)).join(" + ");
  const what = sum || typeName(line.type);
  return line.rels.length > 1 ? `${line.rels.length} × ${sum ? "Σ " : ""}${what}` : what;
}

/** Counts of relationships with a time in equal slices between the first and the last: the histogram. */
export function histogram(state: State, bins = 60): { from: number; to: number; counts: number[] } | null {
  const times: number[] = [];
  for (const rel of state.rels.values()) {
    const span = spanOf(rel);
    if (span) times.push(span[0]);
  }
  if (!times.length) return null;
  const from = times.reduce((a, b) => Math.min(a, b));
  const to = Math.max(times.reduce((a, b) => Math.max(a, b)), from + 1);
  const counts = new Array<number>(bins).fill(0);
  for (const at of times) counts[Math.min(bins - 1, Math.floor(((at - from) / (to - from)) * bins))]! += 1;
  return { from, to, counts };
}

export function nodeTotals(view: View): Map<Key, { degree: number; ins: number; outs: number }> {
  const totals = new Map<Key, { degree: number; ins: number; outs: number }>();
  for (const node of view.nodes.values()) totals.set(nodeKey(node), { degree: 0, ins: 0, outs: 0 });
  for (const line of view.lines.values()) {
    const [start, end] = [totals.get(line.start)!, totals.get(line.end)!];
    start.degree += line.rels.length;
    start.outs += line.rels.length;
    end.ins += line.rels.length;
    if (start !== end) end.degree += line.rels.length;
  }
  return totals;
}

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
