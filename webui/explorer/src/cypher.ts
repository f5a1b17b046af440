/** From what was done to Cypher that gives the same: parameters only, portable between both stores. */
import type { Filter, State } from "./state";
import type { Key } from "./types";
import { endKey, pairOf, startKey } from "./types";
import { EXPONENT } from "./format";
import type { View } from "./view";

export interface CypherText {
  readonly cypher: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Bounds as the API takes them. */
export interface NarrowBy {
  readonly from_ms?: number | undefined;
  readonly to_ms?: number | undefined;
  readonly min_minor?: number | undefined;
  readonly max_minor?: number | undefined;
}

/** A question that was put to the store. */
export type Asked =
  | { readonly what: "nodes"; readonly keys: readonly Key[] }
  | { readonly what: "finding"; readonly id: string }
  | { readonly what: "expand"; readonly key: Key; readonly ways: readonly { rel: string; direction: string; other_label: string }[]; readonly order: string; readonly limit: number; readonly narrow: NarrowBy }
  | { readonly what: "paths"; readonly start: Key; readonly end: Key; readonly via: readonly Key[]; readonly hops: number; readonly directed: boolean; readonly rels: readonly string[] }
  | { readonly what: "trace"; readonly starts: readonly Key[]; readonly direction: "down" | "up"; readonly hops: number; readonly min_minor: number }
  | { readonly what: "cypher"; readonly text: CypherText };

const TIMED: Readonly<Record<string, string>> = { TRANSFER: "at_ms", EXCHANGED: "at_ms", MOVED: "at_ms", CALLED: "at_ms", TEXTED: "at_ms", VISITED: "at_ms", USED_DEVICE: "last_seen_ms", CONNECTED_FROM: "last_seen_ms" };
const WEIGHT: Readonly<Record<string, string>> = { TRANSFER: "amount_minor", EXCHANGED: "amount_minor", MOVED: "amount_minor", CALLED: "duration_s", USED_DEVICE: "count", CONNECTED_FROM: "count" };

/** Whether a text may stand in Cypher as a label or type: the schema's names are plain words. */
function name(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(text)) throw new Error(`not a schema name: ${text}`);
  return text;
}

/** Cypher for one question; `store` where the two stores write it differently. */
export function cypherOf(asked: Asked, store: string): CypherText {
  switch (asked.what) {
    case "cypher": return asked.text;
    case "nodes": return nodesText(asked.keys);
    case "finding": return { cypher: "MATCH (f:Finding)-[i:INVOLVES]->(m)\nWHERE f.id = $id\nRETURN f, i, m", params: { id: asked.id } };
    case "expand": return expandText(asked);
    case "paths": return pathsText(asked, store);
    case "trace": return traceText(asked);
  }
}

/**
 * Several kinds of things in one query: each gathered into lists, one row in all. A union would be plainer, but Ladybug
 * joins no columns of different tables.
 */
function gathered(parts: readonly { readonly match: string; readonly names: readonly string[] }[]): string {
  const kept: string[] = [];
  const clauses = parts.map(({ match, names }, index) => {
    const lists = names.map((each) => `collect(${each}) AS ${each}s`);
    const carried = [...kept, ...lists].join(", ");
    kept.push(...names.map((each) => `${each}s`));
    return `OPTIONAL MATCH ${match}\n${index === parts.length - 1 ? "RETURN" : "WITH"} ${carried}`;
  });
  return clauses.join("\n");
}

function nodesText(keys: readonly Key[]): CypherText {
  const byLabel = new Map<string, string[]>();
  for (const key of keys) {
    const [label, id] = pairOf(key);
    byLabel.set(label, [...(byLabel.get(label) ?? []), id]);
  }
  const params: Record<string, unknown> = {};
  const parts = [...byLabel].map(([label, ids], index) => {
    const param = `${name(label).toLowerCase()}_ids`;
    params[param] = ids;
    return { match: `(n${index}:${label})\nWHERE n${index}.id IN $${param}`, names: [`n${index}`] };
  });
  return { cypher: parts.length === 1 ? `MATCH ${parts[0]!.match}\nRETURN n0` : gathered(parts), params };
}

function expandText(asked: Extract<Asked, { what: "expand" }>): CypherText {
  const [label, id] = pairOf(asked.key);
  const params: Record<string, unknown> = { id };
  const parts = asked.ways.map(({ rel, direction, other_label }) => {
    const arrow = direction === "in" ? `<-[r:${name(rel)}]-` : `-[r:${name(rel)}]->`;
    const tests = ["a.id = $id"];
    const at = TIMED[rel];
    for (const [field, column, sign] of [["from_ms", at, ">="], ["to_ms", at, "<"], ["min_minor", WEIGHT[rel] === "amount_minor" ? "amount_minor" : undefined, ">="], ["max_minor", WEIGHT[rel] === "amount_minor" ? "amount_minor" : undefined, "<="]] as const) {
      const value = asked.narrow[field];
      if (value === undefined || !column) continue;
      params[field] = value;
      tests.push(`r.${column} ${sign} $${field}`);
    }
    const column = asked.order === "amount" ? (WEIGHT[rel] ?? at) : at;
    const order = column ? `coalesce(r.${column}, 0) ${asked.order === "earliest" ? "ASC" : "DESC"}, r.id` : "r.id";
    return `MATCH (a:${name(label)})${arrow}(b:${name(other_label)})\nWHERE ${tests.join(" AND ")}\nRETURN a, r, b ORDER BY ${order} LIMIT ${Math.trunc(asked.limit)}`;
  });
  // Order and limit of several ways do not fit in one portable query: it then reads all of them.
  return parts.length === 1 ? { cypher: parts[0]!, params } : { cypher: unordered(asked, label), params };
}

/** Several ways in one query: all relationships of these types, without order and limit. */
function unordered(asked: Extract<Asked, { what: "expand" }>, label: string): string {
  const parts = asked.ways.map(({ rel, direction, other_label }, index) => {
    const arrow = direction === "in" ? `<-[r${index}:${name(rel)}]-` : `-[r${index}:${name(rel)}]->`;
    return { match: `(a${index}:${name(label)})${arrow}(b${index}:${name(other_label)})\nWHERE a${index}.id = $id`, names: [`a${index}`, `r${index}`, `b${index}`] };
  });
  return gathered(parts);
}

function pathsText(asked: Extract<Asked, { what: "paths" }>, store: string): CypherText {
  const stops = [asked.start, ...asked.via, asked.end];
  const params: Record<string, unknown> = {};
  const types = asked.rels.map(name).join("|");
  const arrow = asked.directed ? "->" : "-";
  const hops = Math.trunc(asked.hops);
  const parts = stops.slice(1).map((stop, index) => {
    const [[oneLabel, oneId], [twoLabel, twoId]] = [pairOf(stops[index]!), pairOf(stop)];
    const [one, two] = [`stop${index}`, `stop${index + 1}`];
    params[one] = oneId;
    params[two] = twoId;
    if (store === "neo4j") {
      return `MATCH (a:${name(oneLabel)} {id: $${one}}) MATCH (b:${name(twoLabel)} {id: $${two}})\nMATCH p = allShortestPaths((a)-[:${types}*..${hops}]${arrow}(b))\nRETURN p`;
    }
    return `MATCH p = (a:${name(oneLabel)} {id: $${one}})-[:${types}* ALL SHORTEST 1..${hops}]${arrow}(b:${name(twoLabel)} {id: $${two}})\nRETURN p`;
  });
  return { cypher: parts.join("\nUNION ALL\n"), params };
}

function traceText(asked: Extract<Asked, { what: "trace" }>): CypherText {
  const ids = asked.starts.map((key) => pairOf(key)[1]);
  const legs = Math.min(asked.hops, 3);
  const parts = Array.from({ length: legs }, (_v, hop) => {
    const names = Array.from({ length: hop + 2 }, (_w, index) => `a${index}`);
    const steps = Array.from({ length: hop + 1 }, (_w, index) => index);
    const clauses = steps.map((index) => {
      const arrow = asked.direction === "down" ? `-[r${index}:TRANSFER]->` : `<-[r${index}:TRANSFER]-`;
      const later = index ? ` AND r${index}.at_ms ${asked.direction === "down" ? ">=" : "<="} r${index - 1}.at_ms` : "";
      const from = index === 0 ? `a0.id IN $ids AND ` : "";
      return `MATCH (${names[index]}:Account)${arrow}(${names[index + 1]}:Account)\nWHERE ${from}r${index}.amount_minor >= $least${later}`;
    });
    return `${clauses.join("\n")}\nRETURN a${hop} AS payer, r${hop} AS transfer, a${hop + 1} AS payee`;
  });
  return { cypher: parts.join("\nUNION ALL\n"), params: { ids, least: asked.min_minor } };
}

/** What is drawn now, with its filters: every node and every relationship by key. */
export function cypherOfView(state: State, view: View): CypherText {
  const keys = [...view.nodes.keys()].filter((key) => state.nodes.has(key));
  const shown = [...view.lines.values()].flatMap((line) => line.rels);
  if (!shown.length) return nodesText(keys);
  const kinds = new Map<string, { type: string; start: string; end: string }>();
  for (const rel of shown) kinds.set([rel.type, rel.start[0], rel.end[0]].join(" "), { type: rel.type, start: rel.start[0], end: rel.end[0] });
  const params: Record<string, unknown> = {};
  const parts = [...kinds.values()].map(({ type, start, end }, index) => {
    const mine = shown.filter((rel) => rel.type === type && rel.start[0] === start && rel.end[0] === end);
    params[`starts${index}`] = [...new Set(mine.map((rel) => pairOf(startKey(rel))[1]))];
    params[`ends${index}`] = [...new Set(mine.map((rel) => pairOf(endKey(rel))[1]))];
    const suffix = kinds.size === 1 ? "" : String(index);
    const [a, r, b] = [`a${suffix}`, `r${suffix}`, `b${suffix}`];
    const tests = filterText(type, r, state.filter, params);
    return { match: `(${a}:${name(start)})-[${r}:${name(type)}]->(${b}:${name(end)})\nWHERE ${a}.id IN $starts${index} AND ${b}.id IN $ends${index}${tests}`, names: [a, r, b] };
  });
  return { cypher: parts.length === 1 ? `MATCH ${parts[0]!.match}\nRETURN a, r, b` : gathered(parts), params };
}

function filterText(type: string, r: string, filter: Filter, params: Record<string, unknown>): string {
  const tests: string[] = [];
  const add = (param: string, value: number | undefined, test: string) => {
    if (value === undefined) return;
    params[param] = value;
    tests.push(test);
  };
  if (TIMED[type] === "at_ms") {
    add("from_ms", filter.fromMs, `${r}.at_ms >= $from_ms`);
    add("to_ms", filter.toMs, `${r}.at_ms <= $to_ms`);
  }
  if (WEIGHT[type] === "amount_minor" && filter.currency) {
    const factor = 10 ** (EXPONENT[filter.currency] ?? 2);
    const minor = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * factor));
    add("min_minor", minor(filter.min), `${r}.amount_minor >= $min_minor`);
    add("max_minor", minor(filter.max), `${r}.amount_minor <= $max_minor`);
  }
  return tests.length ? ` AND ${tests.join(" AND ")}` : "";
}

