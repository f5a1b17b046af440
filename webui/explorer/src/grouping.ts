/** Many nodes drawn as one: by type, community, shared device or owner. A group is opened and closed; nothing is lost. */
import type { GroupBy, State } from "./state";
import type { Key, NodeData, RelData } from "./types";
import { endKey, startKey } from "./types";
import { totalsOf, type Line } from "./view";

export interface Group {
  readonly id: string;
  readonly by: GroupBy;
  /** Label whose style it takes. */
  readonly label: string;
  readonly title: string;
  readonly members: readonly Key[];
}

const BY_REL: Readonly<Record<string, string>> = { device: "USED_DEVICE", owner: "OWNS" };
const COMMUNITIES: ReadonlySet<unknown> = new Set(["community", "component", "gang"]);

/** Which group each node belongs to; nodes of no group and of groups of one stay as they are. */
export function groupsOf(state: State, on: ReadonlyMap<Key, NodeData>): ReadonlyMap<string, Group> {
  const found = new Map<string, { label: string; title: string; members: Set<Key> }>();
  const taken = new Set<Key>();
  const put = (id: string, label: string, title: string, member: Key) => {
    if (taken.has(member) || !on.has(member)) return;
    taken.add(member);
    const known = found.get(id) ?? { label, title, members: new Set<Key>() };
    known.members.add(member);
    found.set(id, known);
  };
  const titled = (key: Key) => String(state.nodes.get(key)?.properties["name"] ?? state.nodes.get(key)?.properties["title"] ?? state.nodes.get(key)?.id ?? key);
  if (state.groupBy === "label") for (const [key, node] of on) put(node.label, node.label, node.label, key);
  const wanted = BY_REL[state.groupBy];
  for (const rel of state.rels.values()) {
    const [start, end] = [startKey(rel), endKey(rel)];
    if (state.groupBy === "device" && rel.type === wanted) put(end, "Device", titled(end), start);
    if (state.groupBy === "owner" && rel.type === wanted) put(start, rel.start[0], titled(start), end);
    if (state.groupBy === "community" && rel.type === "INVOLVES" && COMMUNITIES.has(state.nodes.get(start)?.properties["kind"])) put(start, "Finding", titled(start), end);
  }
  if (state.groupBy === "community") for (const [key, node] of on) if (typeof node.properties["community"] === "string") put(String(node.properties["community"]), "Finding", String(node.properties["community"]), key);
  const groups = [...found].filter(([, group]) => group.members.size > 1);
  return new Map(groups.map(([id, { label, title, members }]) => [id, { id, by: state.groupBy, label, title, members: [...members] }]));
}

export interface Grouping {
  readonly nodes: ReadonlyMap<Key, NodeData>;
  readonly groups: ReadonlyMap<Key, Group>;
  /** Node -> what stands for it on the canvas. */
  readonly into: ReadonlyMap<Key, Key>;
}

/** Closed groups as single nodes; open ones show their members. */
export function grouping(state: State, on: ReadonlyMap<Key, NodeData>): Grouping {
  const into = new Map<Key, Key>([...on.keys()].map((key) => [key, key]));
  const nodes = new Map(on);
  const groups = new Map<Key, Group>();
  for (const group of groupsOf(state, on).values()) {
    if (state.openGroups.has(group.id)) continue;
    const key = `Group:${group.by}:${group.id}`;
    groups.set(key, group);
    for (const member of group.members) {
      nodes.delete(member);
      into.set(member, key);
    }
    nodes.set(key, { label: group.label, id: group.id, properties: { name: group.title, members: group.members.length } });
  }
  return { nodes, groups, into };
}

/** Lines between what is drawn: relationships inside a closed group are not lines. */
export function groupedLines(rels: readonly RelData[], into: ReadonlyMap<Key, Key>, state: State): ReadonlyMap<Key, Line> {
  const found = new Map<Key, { start: Key; end: Key; type: string; rels: RelData[] }>();
  for (const rel of rels) {
    const [start, end] = [into.get(startKey(rel))!, into.get(endKey(rel))!];
    if (start === end && start.startsWith("Group:")) continue;
    const single = !state.fold && !start.startsWith("Group:") && !end.startsWith("Group:");
    const key = JSON.stringify(single ? [start, rel.type, end, rel.id] : [start, rel.type, end]);
    const known = found.get(key);
    if (known) known.rels.push(rel);
    else found.set(key, { start, end, type: rel.type, rels: [rel] });
  }
  const seen = new Map<string, number>();
  return new Map([...found].map(([key, { start, end, type, rels: mine }]) => {
    const pair = JSON.stringify([start, end].sort());
    const index = seen.get(pair) ?? 0;
    seen.set(pair, index + 1);
    const side = index === 0 ? 0 : (index % 2 ? 1 : -1) * 0.3 * Math.ceil(index / 2);
    return [key, { key, start, end, type, rels: mine, totals: totalsOf(mine), back: new Map(), curve: start <= end ? side : -side }];
  }));
}
