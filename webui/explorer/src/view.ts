/** What is drawn of a state: nodes and folded lines after hiding, legend, filters and grouping, and what those left out. */
import { amountOf, major, shortMoney, spanOf } from "./format";
import { kept } from "./kept";
import { grouping, groupedLines, type Group } from "./grouping";
import type { AsOf, Filter, State } from "./state";
import { isMoney } from "./style";
import type { Key, NodeData, RelData } from "./types";
import { endKey, startKey } from "./types";

/** All relationships of one type from one node to another, drawn as one line. */
export interface Line {
  readonly key: Key;
  readonly start: Key;
  readonly end: Key;
  readonly type: string;
  readonly rels: readonly RelData[];
  /** Sum of minor units by currency. */
  readonly totals: ReadonlyMap<string, number>;
  /** What flowed against the arrow, when both directions are one line: net is totals less back. */
  readonly back: ReadonlyMap<string, number>;
  readonly curve: number;
}

export interface View {
  readonly nodes: ReadonlyMap<Key, NodeData>;
  readonly lines: ReadonlyMap<Key, Line>;
  /** Groups drawn as one node, by their key. */
  readonly groups: ReadonlyMap<Key, Group>;
  /** All on the canvas by label and type, hidden or not: for the legend. */
  readonly labelCounts: ReadonlyMap<string, number>;
  readonly typeCounts: ReadonlyMap<string, number>;
  readonly filteredRels: number;
  readonly filteredNodes: number;
  readonly otherCurrency: number;
  /** Nodes and relationships that money mode does not draw. */
  readonly notMoney: number;
}

const HOLDS_MONEY: ReadonlySet<string> = new Set(["Account", "Wallet"]);

export function viewOf(state: State): View {
  const labelCounts = tally([...state.nodes.values()].map((node) => node.label));
  const typeCounts = tally([...state.rels.values()].map((rel) => rel.type));
  const on = new Map<Key, NodeData>();
  let notMoney = 0;
  let outOfScore = 0;
  for (const [key, node] of state.nodes) {
    if (state.hidden.has(key) || state.offLabels.has(node.label)) continue;
    if (state.mode === "flow" && !HOLDS_MONEY.has(node.label)) notMoney += 1;
    else if (!scored(node, state.filter)) outOfScore += 1;
    else on.set(key, node);
  }
  const kept: RelData[] = [];
  const lonely = new Set<Key>();
  let filteredRels = 0;
  let otherCurrency = 0;
  for (const rel of state.rels.values()) {
    if (!on.has(startKey(rel)) || !on.has(endKey(rel)) || state.offTypes.has(rel.type)) continue;
    if (state.mode === "flow" && !isMoney(rel.type)) {
      notMoney += 1;
      continue;
    }
    const verdict = past(rel, state.asOf) ? judge(rel, state.filter) : "out";
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
  const lines = foldLines(kept, { fold: state.fold || state.mode === "flow", both: state.mode === "flow" });
  const counted = { labelCounts, typeCounts, filteredRels, filteredNodes: lonely.size + outOfScore, otherCurrency, notMoney };
  if (!state.groupBy) return { nodes: on, lines, groups: new Map(), ...counted };
  const { nodes, groups, into } = grouping(state, on);
  return { nodes, lines: groupedLines(kept, into, state), groups, ...counted };
}

/** Whether a node's score lets it through; a node without a score always passes. */
function scored(node: NodeData, filter: Filter): boolean {
  const score = node.properties["score"];
  if (typeof score !== "number") return true;
  return score >= (filter.minScore ?? -Infinity) && score <= (filter.maxScore ?? Infinity);
}

/** Whether a relationship was there at a past time: had happened, or had been loaded. */
export function past(rel: RelData, asOf: AsOf | null): boolean {
  if (!asOf) return true;
  if (asOf.kind === "known") {
    const loaded = rel.properties["loaded_at_ms"];
    return typeof loaded !== "number" || loaded <= asOf.atMs;
  }
  const since = rel.properties["since_ms"];
  const first = spanOf(rel)?.[0] ?? (typeof since === "number" ? since : null);
  return first === null || first <= asOf.atMs;
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

/**
 * Fold parallel relationships of one type and direction; lines between the same two nodes get their own curve. With
 * `both` money that went the other way is folded in too: the arrow is the way most of it went.
 */
export function foldLines(rels: readonly RelData[], how: { readonly fold: boolean; readonly both: boolean } = { fold: true, both: false }): ReadonlyMap<Key, Line> {
  const groups = new Map<Key, RelData[]>();
  for (const rel of rels) {
    const ends = how.both && isMoney(rel.type) ? [startKey(rel), endKey(rel)].sort() : [startKey(rel), endKey(rel)];
    const key = JSON.stringify(how.fold ? [ends[0], rel.type, ends[1]] : [ends[0], rel.type, ends[1], rel.id]);
    const group = groups.get(key);
    if (group) group.push(rel);
    else groups.set(key, [rel]);
  }
  const pairs = new Map<string, Key[]>();
  for (const [key, [first]] of groups) {
    const pair = JSON.stringify([startKey(first!), endKey(first!)].sort());
    const known = pairs.get(pair);
    if (known) known.push(key);
    else pairs.set(pair, [key]);
  }
  const lines = new Map<Key, Line>();
  for (const keys of pairs.values()) {
    keys.forEach((key, index) => {
      const group = groups.get(key)!;
      const main = mainWay(group, how.both);
      const [start, end] = [startKey(main), endKey(main)];
      const side = (index - (keys.length - 1) / 2) * (keys.length > 4 ? 2 / keys.length : 0.5);
      const forward = group.filter((rel) => startKey(rel) === start);
      const back = forward.length === group.length ? new Map<string, number>() : totalsOf(group.filter((rel) => startKey(rel) !== start));
      lines.set(key, { key, start, end, type: main.type, rels: group, totals: totalsOf(forward), back, curve: start <= end ? side : -side });
    });
  }
  return lines;
}

/** A relationship that goes the way most of the money went. */
function mainWay(group: readonly RelData[], both: boolean): RelData {
  const first = group[0]!;
  if (!both) return first;
  const sum = (start: Key) => group.reduce((total, rel) => total + (startKey(rel) === start ? (amountOf(rel)?.minor ?? 0) : 0), 0);
  const other = group.find((rel) => startKey(rel) !== startKey(first));
  return other && sum(startKey(other)) > sum(startKey(first)) ? other : first;
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
export function lineLabel(line: Line, typeName: (type: string) => string, netWord = "net"): string {
  const sum = [...line.totals].map(([currency, minor]) => shortMoney(minor, currency)).join(" + ");
  const what = sum || typeName(line.type);
  const net = line.back.size ? ` (${netWord} ${[...netOf(line)].map(([currency, minor]) => shortMoney(minor, currency)).join(" + ")})` : "";
  return line.rels.length > 1 ? `${line.rels.length} × ${sum ? "Σ " : ""}${what}${net}` : what;
}

/** Net by currency along the arrow: what went less what came back. */
export function netOf(line: Line): ReadonlyMap<string, number> {
  const net = new Map(line.totals);
  for (const [currency, minor] of line.back) net.set(currency, (net.get(currency) ?? 0) - minor);
  return net;
}

export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

/** Counts of values in equal slices between the smallest and the largest; null without any. */
export function binned(values: readonly number[], bins: number, least = 0): Histogram | null {
  if (!values.length) return null;
  const from = values.reduce((a, b) => Math.min(a, b));
  const to = Math.max(values.reduce((a, b) => Math.max(a, b)), from + least);
  if (!(to > from)) return { from, to: from + (least || 1), counts: [values.length, ...new Array<number>(bins - 1).fill(0)] };
  const counts = new Array<number>(bins).fill(0);
  for (const at of values) counts[Math.min(bins - 1, Math.floor(((at - from) / (to - from)) * bins))]! += 1;
  return { from, to, counts };
}

/** Relationships with a time, by time. */
export function histogram(state: State, bins = 60): Histogram | null {
  return binned([...state.rels.values()].flatMap((rel) => spanOf(rel)?.[0] ?? []), bins, 1);
}

/** Amounts in one currency by their decimal logarithm: amounts of fraud span orders of magnitude. */
export function amountHistogram(state: State, currency: string, bins = 24): Histogram | null {
  const amounts = [...state.rels.values()].flatMap((rel) => amountOf(rel) ?? []).filter((one) => one.currency === currency && one.minor > 0);
  return binned(amounts.map((one) => Math.log10(major(one.minor, one.currency))), bins, 0.01);
}

/** Scores of nodes, 0 to 1. */
export function scoreHistogram(state: State, bins = 20): Histogram | null {
  const scores = [...state.nodes.values()].flatMap((node) => (typeof node.properties["score"] === "number" ? (node.properties["score"] as number) : []));
  if (!scores.length) return null;
  const counts = new Array<number>(bins).fill(0);
  for (const score of scores) counts[Math.min(bins - 1, Math.max(0, Math.floor(score * bins)))]! += 1;
  return { from: 0, to: 1, counts };
}

/** Relationships drawn at each node. */
export const nodeTotals = kept((view: View): ReadonlyMap<Key, { readonly degree: number; readonly ins: number; readonly outs: number }> => {
  const totals = new Map<Key, { degree: number; ins: number; outs: number }>();
  for (const key of view.nodes.keys()) totals.set(key, { degree: 0, ins: 0, outs: 0 });
  for (const line of view.lines.values()) {
    const [start, end] = [totals.get(line.start)!, totals.get(line.end)!];
    start.degree += line.rels.length;
    start.outs += line.rels.length;
    end.ins += line.rels.length;
    if (start !== end) end.degree += line.rels.length;
  }
  return totals;
});

/** Lines drawn at each node that has any. */
export const linesAt = kept((view: View): ReadonlyMap<Key, readonly Line[]> => {
  const found = new Map<Key, Line[]>();
  for (const line of view.lines.values()) {
    for (const key of new Set([line.start, line.end])) {
      const known = found.get(key);
      if (known) known.push(line);
      else found.set(key, [line]);
    }
  }
  return found;
});

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
