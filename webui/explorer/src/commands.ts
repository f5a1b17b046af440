/**
 * Every action on the canvas is a command: plain data, applied by one pure function to an immutable state. Undo and redo
 * step between whole states, so that what comes back is exactly what was there.
 */
import type { Asked } from "./cypher";
import type { Word } from "./i18n";
import type { LayoutName } from "./layout/kinds";
import type { Ground } from "./render/renderer";
import * as change from "./state";
import { EMPTY, remainderKey, type AsOf, type Change, type Filter, type Ghost, type GroupBy, type Look, type Mode, type ReachOf, type State } from "./state";
import type { Key, Note, Place, Remainder, Subgraph } from "./types";

/** Data brought from the store, and how it is to be remembered. */
export interface Bring {
  readonly do: "bring";
  readonly name: Word;
  readonly found: readonly Subgraph[];
  readonly near?: Key;
  readonly remainders?: readonly Remainder[];
  /** Text of the expansion, so that it can be taken back by itself. */
  readonly expansion?: string;
  readonly path?: readonly Key[];
  readonly limits?: readonly string[];
  readonly ghosts?: readonly (readonly [Key, Ghost])[];
  readonly asked?: Asked;
  /** The mode it is shown in, where that is part of the action. */
  readonly mode?: Mode;
}

/** Places as a layout made them, with its name and what lies under it. */
export interface Arranged {
  readonly places: readonly (readonly [Key, Place])[];
  readonly layout: LayoutName;
  readonly ground: readonly Ground[];
}

export type Command =
  | Bring
  | { readonly do: "move"; readonly name: "aMove"; readonly places: readonly (readonly [Key, Place])[] }
  | ({ readonly do: "move"; readonly name: "aLayout" } & Arranged)
  | { readonly do: "hide" | "restore" | "pin" | "remove"; readonly keys: readonly Key[] }
  | { readonly do: "collapse"; readonly id: string }
  | { readonly do: "filter"; readonly filter: Filter }
  | { readonly do: "legend"; readonly kind: "offLabels" | "offTypes"; readonly item: string }
  | { readonly do: "only"; readonly kind: "offLabels" | "offTypes"; readonly item: string; readonly all: readonly string[] }
  | { readonly do: "group"; readonly by: GroupBy }
  | { readonly do: "openGroup"; readonly id: string }
  | { readonly do: "fold"; readonly on: boolean }
  | { readonly do: "mode"; readonly mode: Mode }
  | { readonly do: "look"; readonly look: Look }
  | { readonly do: "reach"; readonly reach: ReachOf | null; readonly mode?: Mode }
  | { readonly do: "note"; readonly note: Note }
  | { readonly do: "unnote"; readonly id: string }
  | { readonly do: "trail"; readonly rels: readonly Key[] }
  | { readonly do: "asOf"; readonly asOf: AsOf | null }
  | { readonly do: "diff"; readonly diff: readonly (readonly [string, Change])[] }
  | { readonly do: "open"; readonly state: State }
  | { readonly do: "clear" };

const NAMES: Readonly<Record<Exclude<Command["do"], "bring" | "move">, Word>> = {
  hide: "aHide", restore: "aRestore", pin: "aPin", remove: "aRemove", collapse: "aCollapse", filter: "aFilter", legend: "aLegend", only: "aLegend",
  group: "aGroup", openGroup: "aGroup", fold: "aFold", mode: "aMode", look: "aLook", reach: "aReach", note: "aNote", unnote: "aNote", trail: "aTrail", asOf: "aAsOf", diff: "aCompare", open: "aOpen", clear: "aClear",
};

/** Every kind of command: the type checker lets none be missing from the names. */
export const KINDS: readonly string[] = ["bring", "move", ...Object.keys(NAMES)];

/** The word for a command in the undo button and the history. */
export function nameOf(command: Command): Word {
  return command.do === "bring" || command.do === "move" ? command.name : NAMES[command.do];
}

/** The state after a command. Pure: the state given is never changed. */
export function apply(state: State, command: Command): State {
  switch (command.do) {
    case "bring": return bring(state, command);
    case "move": return command.name === "aLayout" ? arranged(state, command) : change.move(state, new Map(command.places));
    case "hide": return change.hide(state, command.keys);
    case "restore": return change.restore(state, command.keys);
    case "pin": return change.togglePins(state, command.keys);
    case "remove": return change.remove(state, command.keys);
    case "collapse": return change.collapse(state, command.id);
    case "filter": return { ...state, filter: command.filter };
    case "legend": return { ...state, [command.kind]: change.toggled(state[command.kind], command.item) };
    case "only": return { ...state, [command.kind]: only(state[command.kind], command.item, command.all) };
    case "group": return { ...state, groupBy: command.by, openGroups: new Set() };
    case "openGroup": return { ...state, openGroups: change.toggled(state.openGroups, command.id) };
    case "fold": return { ...state, fold: command.on };
    case "mode": return { ...state, mode: command.mode };
    case "look": return { ...state, look: command.look };
    case "reach": return { ...state, reach: command.reach, mode: command.mode ?? state.mode };
    case "note": return { ...state, notes: new Map(state.notes).set(command.note.id, command.note) };
    case "unnote": return { ...state, notes: new Map([...state.notes].filter(([id]) => id !== command.id)) };
    case "trail": return { ...state, path: new Set(command.rels) };
    case "asOf": return { ...state, asOf: command.asOf };
    case "diff": return { ...state, diff: new Map(command.diff) };
    case "open": return command.state;
    case "clear": return EMPTY;
  }
}

/** A layout's places, its name and its ground together: undo takes back all three. */
export function arranged(state: State, given: Arranged): State {
  return { ...change.move(state, new Map(given.places)), layout: given.layout, ground: given.ground };
}

/** Everything off but one kind; with only that one on already, everything on again. */
function only(off: ReadonlySet<string>, item: string, all: readonly string[]): ReadonlySet<string> {
  const others = all.filter((each) => each !== item);
  return !off.has(item) && others.every((each) => off.has(each)) ? new Set() : new Set(others);
}

function bring(state: State, command: Bring): State {
  let next = state;
  for (const found of command.found) next = change.merge(next, { ...found, omitted: [] }, command.near);
  const limits = [...(command.limits ?? []), ...command.found.flatMap((found) => found.omitted ?? [])];
  const remainders = new Map(next.remainders);
  for (const item of command.remainders ?? []) {
    if (shownOf(next, item) < item.total) remainders.set(remainderKey(item), item);
    else remainders.delete(remainderKey(item));
  }
  const ghosts = new Map([...next.ghosts, ...(command.ghosts ?? [])]);
  return {
    ...next, remainders, ghosts, expansions: remembered(state, next, command), omitted: [...new Set([...state.omitted, ...limits])],
    path: command.path ? new Set(command.path) : next.path, mode: command.mode ?? next.mode,
  };
}

function remembered(before: State, after: State, command: Bring): State["expansions"] {
  if (command.expansion === undefined || !command.near) return after.expansions;
  const fresh = <V>(now: ReadonlyMap<Key, V>, then: ReadonlyMap<Key, V>) => [...now.keys()].filter((key) => !then.has(key));
  const nodes = fresh(after.nodes, before.nodes);
  const rels = fresh(after.rels, before.rels);
  if (!nodes.length && !rels.length) return after.expansions;
  const last = [...before.expansions.keys()].map(Number).reduce((a, b) => Math.max(a, b), 0);
  const id = String(last + 1);
  return new Map(after.expansions).set(id, { id, root: command.near, text: command.expansion, nodes, rels });
}

/** How many relationships of a remainder's group are on the canvas. */
export function shownOf(state: State, item: Remainder): number {
  const wanted = item.direction === "out" ? "start" : "end";
  let shown = 0;
  for (const rel of state.rels.values()) {
    if (rel.type !== item.rel) continue;
    const [mine, other] = wanted === "start" ? [rel.start, rel.end] : [rel.end, rel.start];
    if (`${mine[0]}:${mine[1]}` === item.root && other[0] === item.other_label) shown += 1;
  }
  return shown;
}
