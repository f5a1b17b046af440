/** The explorer's state and every action on it: pure functions from state to state. */
import type { LayoutName } from "./layout/kinds";
import type { Ground } from "./render/renderer";
import type { Key, NodeData, Note, Place, RelData, Remainder, Subgraph } from "./types";
import { endKey, nodeKey, relKey, startKey } from "./types";

/** Bounds of what is drawn; undefined leaves that side open. Amounts are major units of `currency`, scores 0 to 1. */
export interface Filter {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly min?: number;
  readonly max?: number;
  readonly currency?: string;
  readonly minScore?: number;
  readonly maxScore?: number;
}

/** What one expansion brought, so that exactly this can be taken back. */
export interface Expansion {
  readonly id: string;
  readonly root: Key;
  readonly text: string;
  readonly nodes: readonly Key[];
  readonly rels: readonly Key[];
}

export type GroupBy = "" | "label" | "community" | "device" | "owner";
export type Mode = "network" | "flow";
/** Named styles: what colour and size say. */
export type Look = "type" | "role" | "score" | "money";
/** Whose money is looked for and by which rule, when somebody chose. */
export interface ReachOf {
  readonly victims: readonly Key[];
  readonly rule: "own_first" | "traced_first";
}
export type Ghost = "gone" | "restricted";
export type Change = "added" | "gone" | "changed";
/** A past time: what had happened by then, or what had been loaded by then. */
export interface AsOf {
  readonly atMs: number;
  readonly kind: "happened" | "known";
}

export interface State {
  readonly nodes: ReadonlyMap<Key, NodeData>;
  readonly rels: ReadonlyMap<Key, RelData>;
  readonly places: ReadonlyMap<Key, Place>;
  /** How it was laid out last, and what lies under it: bands and the map fit that layout only. */
  readonly layout: LayoutName;
  readonly ground: readonly Ground[];
  /** Node -> the node whose expansion brought it. */
  readonly origins: ReadonlyMap<Key, Key>;
  readonly expansions: ReadonlyMap<string, Expansion>;
  readonly remainders: ReadonlyMap<string, Remainder>;
  /** Nodes of a saved view that are no longer in the graph or not this reader's to see. */
  readonly ghosts: ReadonlyMap<Key, Ghost>;
  readonly hidden: ReadonlySet<Key>;
  readonly pinned: ReadonlySet<Key>;
  readonly offLabels: ReadonlySet<string>;
  readonly offTypes: ReadonlySet<string>;
  readonly filter: Filter;
  readonly mode: Mode;
  readonly fold: boolean;
  readonly groupBy: GroupBy;
  readonly openGroups: ReadonlySet<string>;
  readonly look: Look;
  readonly reach: ReachOf | null;
  readonly notes: ReadonlyMap<string, Note>;
  readonly asOf: AsOf | null;
  /** Result of a comparison, by node and relationship key. */
  readonly diff: ReadonlyMap<string, Change>;
  /** Relationships of the path last asked for, drawn strong. */
  readonly path: ReadonlySet<Key>;
  /** What limits left out, in words. */
  readonly omitted: readonly string[];
}

export const EMPTY: State = {
  nodes: new Map(), rels: new Map(), places: new Map(), layout: "force", ground: [], origins: new Map(), expansions: new Map(), remainders: new Map(), ghosts: new Map(),
  hidden: new Set(), pinned: new Set(), offLabels: new Set(), offTypes: new Set(), filter: {}, mode: "network", fold: true, groupBy: "", openGroups: new Set(), look: "type", reach: null,
  notes: new Map(), asOf: null, diff: new Map(), path: new Set(), omitted: [],
};

export function remainderKey(item: { readonly root: Key; readonly rel: string; readonly direction: string; readonly other_label: string }): string {
  return JSON.stringify([item.root, item.rel, item.direction, item.other_label]);
}

/** Add a subgraph. New nodes get a place around `near` (or around the middle); what is there already stays. */
export function merge(state: State, more: Subgraph, near?: Key): State {
  const nodes = new Map(state.nodes);
  const rels = new Map(state.rels);
  const origins = new Map(state.origins);
  const fresh: Key[] = [];
  for (const node of more.nodes) {
    const key = nodeKey(node);
    if (!nodes.has(key)) {
      fresh.push(key);
      if (near && near !== key) origins.set(key, near);
    }
    nodes.set(key, { ...node, properties: { ...nodes.get(key)?.properties, ...node.properties } });
  }
  for (const rel of more.rels) {
    if (nodes.has(startKey(rel)) && nodes.has(endKey(rel))) rels.set(relKey(rel), rel);
  }
  const places = placed(state.places, fresh, near);
  const hidden = without(state.hidden, more.nodes.map(nodeKey));
  const omitted = [...new Set([...state.omitted, ...(more.omitted ?? [])])];
  return { ...state, nodes, rels, origins, places, hidden, omitted };
}

/** Places for new nodes: a sunflower around their origin, never exactly on another node. */
function placed(known: ReadonlyMap<Key, Place>, fresh: readonly Key[], near?: Key): ReadonlyMap<Key, Place> {
  if (!fresh.length) return known;
  const places = new Map(known);
  const middle = (near && known.get(near)) || centre(known);
  const start = near ? 1.5 : known.size;
  fresh.forEach((key, index) => {
    const radius = 60 * Math.sqrt(start + index);
    const angle = (known.size + index) * Math.PI * (3 - Math.sqrt(5));
    places.set(key, { x: middle.x + radius * Math.cos(angle), y: middle.y + radius * Math.sin(angle) });
  });
  return places;
}

function centre(places: ReadonlyMap<Key, Place>): Place {
  let x = 0;
  let y = 0;
  for (const place of places.values()) {
    x += place.x;
    y += place.y;
  }
  const count = places.size || 1;
  return { x: x / count, y: y / count };
}

export function move(state: State, moved: ReadonlyMap<Key, Place>): State {
  const places = new Map(state.places);
  for (const [key, place] of moved) if (state.nodes.has(key)) places.set(key, place);
  return { ...state, places };
}

export function hide(state: State, keys: Iterable<Key>): State {
  return { ...state, hidden: new Set([...state.hidden, ...keys]) };
}

export function restore(state: State, keys: Iterable<Key>): State {
  return { ...state, hidden: without(state.hidden, keys) };
}

/** Pin all of `keys`, or unpin them when all are pinned already. */
export function togglePins(state: State, keys: readonly Key[]): State {
  const all = keys.every((key) => state.pinned.has(key));
  return { ...state, pinned: all ? without(state.pinned, keys) : new Set([...state.pinned, ...keys]) };
}

/** Ids of a node's expansions, the latest last. */
export function expansionsOf(state: State, root: Key): string[] {
  return [...state.expansions.values()].filter((one) => one.root === root).map((one) => one.id);
}

/**
 * What taking one expansion back removes: nodes it brought and what came from those by later expansions, never pinned
 * ones, and the relationships it brought. Nodes another expansion brought too are its own and stay.
 */
export function collapsible(state: State, id: string): { nodes: Set<Key>; rels: Set<Key>; expansions: Set<string> } {
  const nodes = new Set<Key>();
  const rels = new Set<Key>();
  const expansions = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const one = state.expansions.get(next);
    if (!one || expansions.has(next)) continue;
    expansions.add(next);
    for (const rel of one.rels) rels.add(rel);
    for (const node of one.nodes) {
      if (state.pinned.has(node) || nodes.has(node)) continue;
      nodes.add(node);
      queue.push(...expansionsOf(state, node));
    }
  }
  return { nodes, rels, expansions };
}

/** The state with one expansion taken back. */
export function collapse(state: State, id: string): State {
  const gone = collapsible(state, id);
  const left = remove(state, gone.nodes);
  const rels = new Map([...left.rels].filter(([key]) => !gone.rels.has(key)));
  const expansions = new Map([...left.expansions].filter(([key]) => !gone.expansions.has(key)));
  const roots = new Set([...gone.expansions].map((key) => state.expansions.get(key)!.root));
  const kept = [...left.remainders].filter(([, item]) => !roots.has(item.root) || [...expansions.values()].some((one) => one.root === item.root));
  return { ...left, rels, expansions, remainders: new Map(kept), path: new Set([...left.path].filter((key) => rels.has(key))) };
}

/** Take nodes off the canvas with their relationships (not from the store). */
export function remove(state: State, keys: Iterable<Key>): State {
  const gone = new Set(keys);
  const left = <V>(map: ReadonlyMap<Key, V>) => new Map([...map].filter(([key]) => !gone.has(key)));
  const rels = new Map([...state.rels].filter(([, rel]) => !gone.has(startKey(rel)) && !gone.has(endKey(rel))));
  const origins = new Map([...left(state.origins)].filter(([, origin]) => !gone.has(origin)));
  const remainders = new Map([...state.remainders].filter(([, item]) => !gone.has(item.root)));
  const expansions = new Map([...state.expansions].filter(([, one]) => !gone.has(one.root)));
  const notes = new Map([...state.notes].filter(([, note]) => (note.kind === "node" ? !gone.has(note.key) : rels.has(note.key))));
  return {
    ...state, nodes: left(state.nodes), rels, origins, places: left(state.places), ghosts: left(state.ghosts), remainders, expansions, notes,
    hidden: without(state.hidden, gone), pinned: without(state.pinned, gone),
    path: new Set([...state.path].filter((key) => rels.has(key))), reach: reachWithout(state.reach, gone),
  };
}

function reachWithout(reach: ReachOf | null, gone: ReadonlySet<Key>): ReachOf | null {
  const victims = reach?.victims.filter((key) => !gone.has(key));
  return reach && victims?.length ? { ...reach, victims } : null;
}

export function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const copy = new Set(set);
  if (!copy.delete(name)) copy.add(name);
  return copy;
}

function without(set: ReadonlySet<Key>, keys: Iterable<Key>): ReadonlySet<Key> {
  const copy = new Set(set);
  for (const key of keys) copy.delete(key);
  return copy;
}
