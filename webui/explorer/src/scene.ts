/** From a view to what a renderer draws: sizes, colours, words, and signs for what is not there. */
import { shownOf } from "./commands";
import { accountsOf, keptOf, widthOf, type Account } from "./flow";
import { byLinks, colorOf, sizeOf } from "./look";
import type { Reach } from "./reaching";
import { caption, count, shortMoney } from "./format";
import { schemaName, type Words } from "./i18n";
import { unitNow } from "./render/glyph";
import type { Ground, Scene, SceneLine, SceneNode } from "./render/renderer";
import { remainderKey, type State } from "./state";
import { isMoney, PATH_COLOR, styleOf, type Theme } from "./style";
import { relKey, type Key, type NodeData, type Remainder } from "./types";
import { lineLabel, nodeTotals, type Line, type View } from "./view";

export interface Shown {
  readonly labels: boolean;
  readonly amounts: boolean;
  readonly nodes: ReadonlySet<Key>;
  readonly lines: ReadonlySet<Key>;
  readonly ground: readonly Ground[];
  readonly reach: Reach | null;
}

/** Roles that say nothing more than being there. */
const PLAIN_ROLES: ReadonlySet<string> = new Set(["member", "shared_identifier"]);
const MORE = "More:";
/** With more nodes than this, in, out and kept are said for the selection only. */
const SPOKEN = 45;
const MARKS: Readonly<Record<string, string>> = { flag: "⚑", question: "?", star: "★", cleared: "✓", "": "✎" };

/** Name, and the role when a finding gave one that tells something. */
function labelOf(node: NodeData, words: Words, flow: boolean, scored: boolean): string {
  const role = node.properties["role"];
  // In money mode the first band says that these are the victims.
  if (flow && role === "victim") return caption(node, 14);
  const score = node.properties["score"];
  if (scored && typeof score === "number") return `${caption(node, 22)} · ${score.toFixed(2)}`;
  if (node.label === "Finding") return caption(node, 18);
  return typeof role === "string" && role && !PLAIN_ROLES.has(role) ? `${caption(node, 24)} · ${schemaName(words, role)}` : caption(node, 26);
}

export function sceneOf(state: State, view: View, shown: Shown, words: Words, theme: Theme): Scene {
  const accounts = state.mode === "flow" ? accountsOf(view) : null;
  const extra = connectors(state, view, words, theme, shown);
  return {
    labels: shown.labels, amounts: shown.amounts, ground: shown.ground,
    nodes: [...nodesOf(state, view, shown, words, theme, accounts), ...extra.nodes],
    lines: [...linesOf(state, view, shown, words, theme), ...extra.lines],
  };
}

function nodesOf(state: State, view: View, shown: Shown, words: Words, theme: Theme, accounts: ReadonlyMap<Key, Account> | null): SceneNode[] {
  const totals = nodeTotals(view);
  const noted = new Map([...state.notes.values()].filter((note) => note.kind === "node").map((note) => [note.key, note]));
  // Many nodes on one screen are drawn smaller, so that the lines between them stay visible.
  const crowd = crowdOf(view);
  return [...view.nodes].map(([key, node]) => {
    const group = view.groups.get(key);
    const place = state.places.get(key) ?? (group ? middleOf(state, group.members) : { x: 0, y: 0 });
    const style = styleOf(node.label);
    const base = group ? 15 + Math.min(12, Math.log2(group.members.length) * 2) : byLinks(node.label, totals.get(key)?.degree ?? 0);
    const ghost = state.ghosts.get(key);
    const change = state.diff.get(`n:${key}`);
    const note = noted.get(key);
    const sign = change ? { badge: { added: "+", gone: "−", changed: "~" }[change], badgeColor: theme[change] } : note ? { badge: MARKS[note.mark] ?? "✎", badgeColor: theme.select } : {};
    const account = accounts?.get(key);
    return {
      key, x: place.x, y: place.y, size: crowd * sizeOf(state, view, key, base), color: colorOf(state.look, node), shape: style.shape, mark: ghost ? "?" : group ? count(group.members.length) : style.mark,
      label: ghost ? words(ghost === "gone" ? "ghostGone" : "ghostRestricted") : group ? words("groupLabel", { n: count(group.members.length), name: groupTitle(group.title, group.by, words) }) : labelOf(node, words, state.mode === "flow", state.look === "score"),
      ...(ghost || group ? {} : { short: caption(node, 10) }),
      pinned: state.pinned.has(key), selected: shown.nodes.has(key), dashed: ghost !== undefined || change === "gone",
      ...sign, ...reachOf(key, shown, words, theme, view.nodes.size <= SPOKEN || shown.nodes.has(key)), ...(account && (view.nodes.size <= SPOKEN || shown.nodes.has(key)) ? { sub: flowText(account, words) } : {}),
    };
  });
}

/** What is left of the traced money at one account, and whether an order could catch it: a sign and its words. */
function reachOf(key: Key, shown: Shown, words: Words, theme: Theme, spoken: boolean): Partial<SceneNode> {
  const rows = shown.reach?.rows.get(key)?.filter((row) => row.left_minor > 0) ?? [];
  if (!rows.length) return {};
  const ok = rows.some((row) => row.reachable);
  const text = rows.map((row) => words(row.reachable ? "reachWithin" : "reachBeyond", { sum: shortMoney(row.left_minor, row.currency) })).join(" | ");
  return { coin: ok ? "✓" : "✗", coinColor: ok ? theme.added : theme.gone, ...(spoken ? { reach: text } : {}) };
}

function crowdOf(view: View): number {
  return unitNow() * Math.min(1, Math.max(0.28, Math.sqrt(40 / Math.max(1, view.nodes.size))));
}

function groupTitle(title: string, by: string, words: Words): string {
  return by === "label" ? schemaName(words, title) : title.length > 22 ? `${title.slice(0, 21)}…` : title;
}

function middleOf(state: State, members: readonly Key[]): { x: number; y: number } {
  const places = members.flatMap((key) => state.places.get(key) ?? []);
  const count = places.length || 1;
  return { x: places.reduce((sum, at) => sum + at.x, 0) / count, y: places.reduce((sum, at) => sum + at.y, 0) / count };
}

/** `in 12.3K · out 12K · kept 300 CNY` in one currency; several currencies are said one after the other. */
function flowText(account: Account, words: Words): string {
  const kept = keptOf(account);
  const currencies = [...new Set([...account.ins.keys(), ...account.outs.keys()])].slice(0, 2);
  return currencies.map((currency) => {
    const bare = (minor: number) => shortMoney(minor, currency).replace(/ \S+$/, "");
    const [ins, outs] = [account.ins.get(currency) ?? 0, account.outs.get(currency) ?? 0];
    const parts = [ins ? `${words("in")} ${bare(ins)}` : "", outs ? `${words("out")} ${bare(outs)}` : "", ins ? `${words("kept")} ${bare(kept.get(currency) ?? 0)}` : ""];
    return `${parts.filter(Boolean).join(" · ")} ${currency}`;
  }).join(" | ");
}

function linesOf(state: State, view: View, shown: Shown, words: Words, theme: Theme): SceneLine[] {
  const picked = shown.nodes.size > 0;
  // Types of many lines would only be noise: the legend and the details say them.
  const few = view.lines.size <= 12;
  const noted = new Set([...state.notes.values()].filter((note) => note.kind === "rel").map((note) => note.key));
  const name = (type: string) => schemaName(words, type);
  const flow = state.mode === "flow";
  const most = flow ? mostOf(view) : new Map<string, number>();
  return [...view.lines.values()].map((line) => {
    const onPath = state.path.size > 0 && line.rels.some((rel) => state.path.has(relKey(rel)));
    const selected = shown.lines.has(line.key);
    const touching = picked && (shown.nodes.has(line.start) || shown.nodes.has(line.end));
    const change = state.diff.size ? changeOf(state, line) : undefined;
    const base = change ? theme[change] : isMoney(line.type) ? theme.money : theme.line;
    const color = selected ? theme.select : onPath ? PATH_COLOR : picked && !touching ? theme.faint : base;
    const plain = unitNow() * ((isMoney(line.type) ? 1.8 : 1.2) + Math.min(3, Math.log2(line.rels.length)) * 0.6);
    const [currency, minor] = [...line.totals].sort((a, b) => b[1] - a[1])[0] ?? ["", 0];
    const width = (flow && currency ? Math.max(1.2, widthOf(minor, most.get(currency) ?? 0) * crowdOf(view)) : plain) + (onPath || selected ? 1.6 : 0);
    const text = selected || (isMoney(line.type) && view.lines.size <= 250) || few ? lineLabel(line, name, words("net")) : "";
    const sign = line.rels.some((rel) => noted.has(relKey(rel))) ? " ✎" : change ? ` ${{ added: "+", gone: "−", changed: "~" }[change]}` : "";
    return { key: line.key, start: line.start, end: line.end, color, width, label: text + sign, curve: line.curve, selected, dashed: change === "gone" };
  });
}

/** The largest line of each currency: widths are compared within one currency only. */
function mostOf(view: View): Map<string, number> {
  const most = new Map<string, number>();
  for (const line of view.lines.values()) for (const [currency, minor] of line.totals) most.set(currency, Math.max(most.get(currency) ?? 0, minor));
  return most;
}

function changeOf(state: State, line: Line) {
  const changes = new Set(line.rels.map((rel) => state.diff.get(`r:${relKey(rel)}`)));
  return changes.size === 1 ? [...changes][0] : changes.size > 1 ? "changed" : undefined;
}

/** Connectors for what is not on the canvas: one dashed node a group, with the number left and the total. */
function connectors(state: State, view: View, words: Words, theme: Theme, shown: Shown): { nodes: SceneNode[]; lines: SceneLine[] } {
  const nodes: SceneNode[] = [];
  const lines: SceneLine[] = [];
  const seen = new Map<Key, number>();
  for (const item of state.remainders.values()) {
    const at = state.places.get(item.root);
    if (!at || !view.nodes.has(item.root) || (state.mode === "flow" && !isMoney(item.rel))) continue;
    const index = seen.get(item.root) ?? 0;
    seen.set(item.root, index + 1);
    const angle = Math.PI * (0.75 + index * 0.23);
    const key = MORE + remainderKey(item);
    const left = item.total - shownOf(state, item);
    nodes.push({
      key, x: at.x + 105 * Math.cos(angle), y: at.y + 105 * Math.sin(angle), size: 11, color: theme.dim, shape: "circle", mark: "+", dashed: true, pinned: false,
      selected: shown.nodes.has(key), label: words("moreLabel", { n: count(left), all: count(item.total), rel: schemaName(words, item.rel) }),
    });
    lines.push({ key: `${key}:line`, start: item.root, end: key, color: theme.dim, width: 1.2, label: "", curve: 0, selected: false, dashed: true });
  }
  return { nodes, lines };
}

/** The remainder a connector stands for; null for a real node. */
export function remainderOf(state: State, key: Key): Remainder | null {
  return key.startsWith(MORE) ? (state.remainders.get(key.slice(MORE.length)) ?? null) : null;
}
