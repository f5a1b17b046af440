/** The explorer's state and every action on it: pure functions from state to state. */
import type { Key, NodeData, Place, RelData, Subgraph } from "./types";
import { endKey, nodeKey, relKey, startKey } from "./types";

/** Bounds of what is drawn; undefined leaves that side open. Amounts are major units of `currency`. */
export interface Filter {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly min?: number;
  readonly max?: number;
  readonly currency?: string;
}

export interface State {
  readonly nodes: ReadonlyMap<Key, NodeData>;
  readonly rels: ReadonlyMap<Key, RelData>;
  readonly places: ReadonlyMap<Key, Place>;
  /** Node -> the node whose expansion brought it. */
  readonly origins: ReadonlyMap<Key, Key>;
  readonly hidden: ReadonlySet<Key>;
  readonly pinned: ReadonlySet<Key>;
  readonly offLabels: ReadonlySet<string>;
  readonly offTypes: ReadonlySet<string>;
  readonly filter: Filter;
  /** Relationships of the path last asked for, drawn strong. */
  readonly path: ReadonlySet<Key>;
  /** What limits left out, in words. */
  readonly omitted: readonly string[];
}

export const EMPTY: State = {
  nodes: new Map(), rels: new Map(), places: new Map(), origins: new Map(), hidden: new Set(), pinned: new Set(),
  offLabels: new Set(), offTypes: new Set(), filter: {}, path: new Set(), omitted: [],
};

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

/** Nodes that collapsing `key` takes away: what its expansion brought, and what came from those; pinned ones stay. */
export function collapsible(state: State, key: Key): Key[] {
  const gone = new Set<Key>();
  const queue = [key];
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    for (const [node, origin] of state.origins) {
      if (origin !== from || gone.has(node) || node === key || state.pinned.has(node)) continue;
      gone.add(node);
      queue.push(node);
    }
  }
  return [...gone];
}

/** Take nodes off the canvas with their relationships (not from the store). */
export function remove(state: State, keys: Iterable<Key>): State {
  const gone = new Set(keys);
  const left = <V>(map: ReadonlyMap<Key, V>) => new Map([...map].filter(([key]) => !gone.has(key)));
  const rels = new Map([...state.rels].filter(([, rel]) => !gone.has(startKey(rel)) && !gone.has(endKey(rel))));
  const origins = new Map([...left(state.origins)].filter(([, origin]) => !gone.has(origin)));
  return {
    ...state, nodes: left(state.nodes), rels, origins, places: left(state.places),
    hidden: without(state.hidden, gone), pinned: without(state.pinned, gone),
    path: new Set([...state.path].filter((key) => rels.has(key))),
  };
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
