/** What the API sends and the explorer keeps. Times are UTC milliseconds, money integer minor units with a currency. */
export type Key = string;
export type Pair = [label: string, id: string];
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };
export type Properties = Readonly<Record<string, Value>>;

export interface NodeData {
  readonly label: string;
  readonly id: string;
  readonly properties: Properties;
}

export interface RelData {
  readonly type: string;
  readonly id: string;
  readonly start: Pair;
  readonly end: Pair;
  readonly properties: Properties;
}

export interface Subgraph {
  readonly nodes: readonly NodeData[];
  readonly rels: readonly RelData[];
  readonly omitted?: readonly string[];
}

/** Neighbours of a node counted by relationship type, direction ("out" | "in" | "both") and the other end's label. */
export interface GroupCount {
  readonly rel: string;
  readonly direction: string;
  readonly other_label: string;
  readonly count: number;
  /** How many different nodes are at the other end. */
  readonly others?: number;
  readonly money?: readonly { readonly currency: string; readonly amount_minor: number }[];
  readonly first_ms?: number | null;
  readonly last_ms?: number | null;
}

/** What one expansion left in the store: drawn as a connector with the total, until more of it is brought. */
export interface Remainder {
  readonly root: Key;
  readonly rel: string;
  readonly direction: string;
  readonly other_label: string;
  readonly total: number;
  readonly others: number;
}

/** A note or mark on a node or relationship. The server vouches for author and time when a view is saved. */
export interface Note {
  readonly id: string;
  readonly kind: "node" | "rel";
  readonly key: Key;
  readonly text: string;
  readonly mark: string;
  readonly author: string;
  readonly at_ms: number;
}

export interface Hit {
  readonly label: string;
  readonly id: string;
  readonly name?: string | null;
  readonly matched?: string | null;
}

export interface ExportFormat {
  readonly name: string;
  readonly title: string;
  readonly suffix?: string;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A label holds no colon, so label and id can always be told apart again. */
export function keyOf(label: string, id: string): Key {
  return `${label}:${id}`;
}

export function pairOf(key: Key): Pair {
  const at = key.indexOf(":");
  return [key.slice(0, at), key.slice(at + 1)];
}

export function nodeKey(node: { readonly label: string; readonly id: string }): Key {
  return keyOf(node.label, node.id);
}

export function relKey(rel: { readonly type: string; readonly id: string }): Key {
  return keyOf(rel.type, rel.id);
}

export function startKey(rel: RelData): Key {
  return keyOf(rel.start[0], rel.start[1]);
}

export function endKey(rel: RelData): Key {
  return keyOf(rel.end[0], rel.end[1]);
}
