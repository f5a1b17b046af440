/** Two states side by side on one canvas: what came, what went, what is not the same. */
import type { Change, State } from "./state";
import { past } from "./view";
import type { NodeData, RelData } from "./types";

/** From `then` to `now`, by `n:` and `r:` keys. The union of both is what a canvas needs to show it. */
export function compared(then: State, now: State): { diff: [string, Change][]; union: Pick<State, "nodes" | "rels" | "places"> } {
  const diff: [string, Change][] = [];
  const walk = (mark: string, before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>, same: (a: never, b: never) => boolean) => {
    for (const key of after.keys()) if (!before.has(key)) diff.push([mark + key, "added"]);
    for (const [key, value] of before) {
      if (!after.has(key)) diff.push([mark + key, "gone"]);
      else if (!same(value as never, after.get(key) as never)) diff.push([mark + key, "changed"]);
    }
  };
  walk("n:", then.nodes, now.nodes, sameProperties as never);
  walk("r:", then.rels, now.rels, sameProperties as never);
  return { diff, union: { nodes: new Map([...then.nodes, ...now.nodes]), rels: new Map([...then.rels, ...now.rels]), places: new Map([...then.places, ...now.places]) } };
}

/** Role, layer and score come from where a node was found, and are no change of the node itself. */
const LOCAL: ReadonlySet<string> = new Set(["role", "layer", "score", "load_seq", "loaded_at_ms"]);

function sameProperties(a: NodeData | RelData, b: NodeData | RelData): boolean {
  const plain = (properties: object) => JSON.stringify(Object.entries(properties).filter(([name]) => !LOCAL.has(name)).sort(([x], [y]) => (x < y ? -1 : 1)));
  return plain(a.properties) === plain(b.properties);
}

/** What of one canvas had happened (or was known) at a time: its relationships and the nodes they join. */
export function at(state: State, atMs: number, kind: "happened" | "known"): State {
  const rels = new Map([...state.rels].filter(([, rel]) => past(rel, { atMs, kind })));
  const joined = new Set([...rels.values()].flatMap((rel) => [`${rel.start[0]}:${rel.start[1]}`, `${rel.end[0]}:${rel.end[1]}`]));
  const loose = new Set([...state.rels.values()].flatMap((rel) => [`${rel.start[0]}:${rel.start[1]}`, `${rel.end[0]}:${rel.end[1]}`]));
  return { ...state, rels, nodes: new Map([...state.nodes].filter(([key]) => joined.has(key) || !loose.has(key))) };
}

