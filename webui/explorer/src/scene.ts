/** From a view to what a renderer draws: sizes, colours, words. */
import { caption } from "./format";
import { schemaName, type Words } from "./i18n";
import type { Scene } from "./render/renderer";
import type { State } from "./state";
import { isMoney, PATH_COLOR, styleOf, type Theme } from "./style";
import { relKey, type Key, type NodeData } from "./types";
import { lineLabel, nodeTotals, type View } from "./view";

export interface Shown {
  readonly labels: boolean;
  readonly amounts: boolean;
  readonly nodes: ReadonlySet<Key>;
  readonly lines: ReadonlySet<Key>;
}

/** Roles that say nothing more than being there. */
const PLAIN_ROLES: ReadonlySet<string> = new Set(["member", "shared_identifier"]);

/** Name, and the role when a finding gave one that tells something. */
function labelOf(node: NodeData, words: Words): string {
  const role = node.properties["role"];
  if (node.label === "Finding") return caption(node, 18);
  return typeof role === "string" && role && !PLAIN_ROLES.has(role) ? `${caption(node, 24)} · ${schemaName(words, role)}` : caption(node, 26);
}

export function sceneOf(state: State, view: View, shown: Shown, words: Words, theme: Theme): Scene {
  const totals = nodeTotals(view);
  const picked = shown.nodes.size > 0;
  // Types of many lines would only be noise: the legend and the details say them.
  const few = view.lines.size <= 12;
  // Many nodes on one screen are drawn smaller, so that the lines between them stay visible.
  const crowd = Math.min(1, Math.max(0.4, Math.sqrt(40 / Math.max(1, view.nodes.size))));
  const name = (type: string) => schemaName(words, type);
  return {
    labels: shown.labels,
    amounts: shown.amounts,
    nodes: [...view.nodes].map(([key, node]) => {
      const place = state.places.get(key) ?? { x: 0, y: 0 };
      const style = styleOf(node.label);
      const size = crowd * ((node.label === "Finding" ? 14 : 10) + Math.min(7, Math.log2(1 + totals.get(key)!.degree)));
      return {
        key, x: place.x, y: place.y, size, color: style.color, shape: style.shape, mark: style.mark, label: labelOf(node, words),
        pinned: state.pinned.has(key), selected: shown.nodes.has(key),
      };
    }),
    lines: [...view.lines.values()].map((line) => {
      const onPath = line.rels.some((rel) => state.path.has(relKey(rel)));
      const selected = shown.lines.has(line.key);
      const touching = picked && (shown.nodes.has(line.start) || shown.nodes.has(line.end));
      const base = isMoney(line.type) ? theme.money : theme.line;
      const color = selected ? theme.select : onPath ? PATH_COLOR : picked && !touching ? theme.faint : base;
      const width = (isMoney(line.type) ? 1.8 : 1.2) + Math.min(3, Math.log2(line.rels.length)) * 0.6 + (onPath || selected ? 1.6 : 0);
      return { key: line.key, start: line.start, end: line.end, color, width, label: selected || isMoney(line.type) || few ? lineLabel(line, name) : "", curve: line.curve, selected };
    }),
  };
}
