/** A view as it is kept: keys, places, filters, style and notes; the data itself is read anew when it is opened. */
import type { Core } from "./core";
import type { LayoutName } from "./layout/kinds";
import { EMPTY, type Change, type Filter, type Ghost, type GroupBy, type Look, type Mode, type ReachOf, type State } from "./state";
import { keyOf, nodeKey, pairOf, relKey, type Key, type Note, type Pair, type Place, type Properties, type RelData, type Remainder, type Subgraph } from "./types";

export interface ViewDocument {
  readonly version: 1;
  readonly nodes: readonly { readonly label: string; readonly id: string; readonly x: number; readonly y: number; readonly role?: string; readonly layer?: number; readonly score?: number }[];
  readonly rels: readonly Key[];
  readonly hidden: readonly Pair[];
  readonly pinned: readonly Pair[];
  readonly off_labels: readonly string[];
  readonly off_types: readonly string[];
  readonly filter: Filter;
  readonly mode: Mode;
  readonly fold: boolean;
  readonly group_by: GroupBy;
  readonly as_of: { readonly at_ms: number; readonly kind: "happened" | "known" } | null;
  readonly notes: readonly Note[];
  readonly remainders: readonly Remainder[];
  readonly omitted: readonly string[];
  readonly layout: LayoutName;
  readonly labels: boolean;
  readonly amounts: boolean;
  readonly look: Look;
  /** Relationships drawn strong: a path, or the way of a transfer. */
  readonly path: readonly Key[];
  readonly open_groups: readonly string[];
  readonly diff: readonly (readonly [string, Change])[];
  readonly reach: { readonly victims: readonly Pair[]; readonly rule: ReachOf["rule"] } | null;
  readonly reach_shown: boolean;
}

export function documentOf(core: Core): ViewDocument {
  const { state } = core;
  const round = (value: number) => Math.round(value * 10) / 10;
  return {
    version: 1, layout: state.layout, labels: core.labels, amounts: core.amounts, reach_shown: core.reachOn, look: state.look, mode: state.mode, fold: state.fold, group_by: state.groupBy, filter: state.filter,
    nodes: [...state.nodes.values()].map((node) => {
      const place = state.places.get(nodeKey(node)) ?? { x: 0, y: 0 };
      const { role, layer, score } = node.properties;
      return { label: node.label, id: node.id, x: round(place.x), y: round(place.y), ...(typeof role === "string" ? { role } : {}), ...(typeof layer === "number" ? { layer } : {}), ...(typeof score === "number" ? { score } : {}) };
    }),
    rels: [...state.rels.keys()], hidden: [...state.hidden].map(pairOf), pinned: [...state.pinned].map(pairOf), off_labels: [...state.offLabels], off_types: [...state.offTypes],
    as_of: state.asOf && { at_ms: state.asOf.atMs, kind: state.asOf.kind }, notes: [...state.notes.values()], remainders: [...state.remainders.values()], omitted: [...state.omitted],
    path: [...state.path], open_groups: [...state.openGroups], diff: [...state.diff], reach: state.reach && { victims: state.reach.victims.map(pairOf), rule: state.reach.rule },
  };
}

/** The state a kept view gives with the data as it is now. `fresh` counts relationships that have come since. */
export function stateOf(document: ViewDocument, found: Subgraph, ghosts: readonly { label: string; id: string; why: Ghost }[]): { state: State; fresh: number } {
  const places = new Map<Key, Place>(document.nodes.map((node) => [nodeKey(node), { x: node.x, y: node.y }]));
  const kept = new Map(document.nodes.map((node) => [nodeKey(node), node]));
  const nodes = new Map(found.nodes.map((node) => {
    const at = kept.get(nodeKey(node));
    const own = present({ role: at?.role, layer: at?.layer, score: at?.score }) as Properties;
    return [nodeKey(node), { ...node, properties: { ...node.properties, ...own } }];
  }));
  for (const ghost of ghosts) nodes.set(keyOf(ghost.label, ghost.id), { label: ghost.label, id: ghost.id, properties: {} });
  const wanted = new Set(document.rels);
  const mine = found.rels.filter((rel) => wanted.has(relKey(rel)));
  const rels = new Map(mine.map((rel): [Key, RelData] => [relKey(rel), rel]));
  const victims = (document.reach?.victims ?? []).map(([label, id]) => keyOf(label, id)).filter((key) => nodes.has(key));
  const state: State = {
    ...EMPTY, nodes, places: new Map([...places].filter(([key]) => nodes.has(key))), rels,
    ghosts: new Map(ghosts.map((ghost) => [keyOf(ghost.label, ghost.id), ghost.why])), hidden: keysIn(document.hidden, nodes), pinned: keysIn(document.pinned, nodes),
    offLabels: new Set(document.off_labels), offTypes: new Set(document.off_types), filter: present(document.filter), mode: document.mode, fold: document.fold, groupBy: document.group_by,
    layout: document.layout, asOf: document.as_of && { atMs: document.as_of.at_ms, kind: document.as_of.kind }, notes: new Map(document.notes.map((note) => [note.id, note])),
    remainders: new Map(document.remainders.filter((item) => nodes.has(item.root)).map((item) => [JSON.stringify([item.root, item.rel, item.direction, item.other_label]), item])), omitted: document.omitted,
    look: document.look, path: new Set(document.path.filter((key) => rels.has(key))), openGroups: new Set(document.open_groups), diff: new Map(document.diff),
    reach: document.reach && victims.length ? { victims, rule: document.reach.rule } : null,
  };
  return { state, fresh: found.rels.length - mine.length };
}

/** Without what is absent: the server writes an absent field as null. */
function present<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null)) as T;
}

function keysIn(pairs: readonly Pair[], nodes: ReadonlyMap<Key, unknown>): ReadonlySet<Key> {
  return new Set(pairs.map(([label, id]) => keyOf(label, id)).filter((key) => nodes.has(key)));
}
