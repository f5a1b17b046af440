/** What is known of the selection: all properties as text, money with currency, times in the installation's zone, source. */
import { amountOf, caption, count, money, shown, spanOf, time, visible } from "../format";
import { accountsOf, keptOf } from "../flow";
import { schemaName, storedValue, type Word, type Words } from "../i18n";
import { isMoney, styleOf } from "../style";
import type { Reach } from "../reaching";
import type { State } from "../state";
import { relKey, type Key, type NodeData, type Properties, type RelData, type Value } from "../types";
import { linesAt, netOf, type Line, type View } from "../view";
import { button, el, fill, swatch } from "./dom";
import { whyNot } from "./trace";

const PROVENANCE: ReadonlySet<string> = new Set(["source", "source_row", "load_seq", "loaded_at_ms"]);
const SHOW = 100;

export interface DetailActions {
  select(keys: Key[], lines: Key[]): void;
  expand(key: Key): void;
  locate(key: Key): void;
  page(key: Key): string;
  note(): void;
  unnote(id: string): void;
  trail(rel: RelData): void;
}

export class Details {
  readonly element = el("div", { class: "rt-details", "aria-live": "polite", tabindex: -1 });

  constructor(private readonly words: Words, private readonly zone: string, private readonly actions: DetailActions) {}

  show(state: State, view: View, nodes: readonly Key[], lines: readonly Key[], reach: Reach | null): void {
    const node = nodes.length === 1 && !lines.length ? state.nodes.get(nodes[0]!) : undefined;
    const line = lines.length === 1 && !nodes.length ? view.lines.get(lines[0]!) : undefined;
    if (node) fill(this.element, ...this.node(node, nodes[0]!, state, view, reach));
    else if (line) fill(this.element, ...this.line(line, state));
    else if (nodes.length + lines.length > 1) fill(this.element, el("p", {}, this.words("selectedN", { n: nodes.length + lines.length })), ...this.several(nodes, state));
    else fill(this.element, el("p", { class: "rt-note" }, this.words("nothing")));
  }

  private node(node: NodeData, key: Key, state: State, view: View, reach: Reach | null): HTMLElement[] {
    const words = this.words;
    const near = linesAt(view).get(key) ?? [];
    const url = this.actions.page(key);
    return [
      el("h3", { class: "rt-what" }, swatch(styleOf(node.label)), el("span", {}, caption(node, 80))),
      el("p", { class: "rt-note" }, schemaName(words, node.label), state.pinned.has(key) ? ` · ${words("pinned")}` : ""),
      el("div", { class: "rt-row" }, button(words("expand"), () => this.actions.expand(key)), button(words("locate"), () => this.actions.locate(key)), button(words("noteAdd"), () => this.actions.note()),
        url ? el("a", { class: "rt-btn", href: url }, words(node.label === "Finding" ? "openFinding" : "openPage")) : null),
      ...this.flow(key, view), ...this.reach(key, reach),
      ...this.notes(state, "node", [key]),
      this.facts({ id: node.id, ...node.properties }),
      ...this.source(node.properties),
      el("h4", {}, `${words("neighbours")} (${count(near.length)})`),
      el("ul", { class: "rt-list" }, ...near.slice(0, SHOW).map((line) => this.lineRow(line, key, state))),
      ...this.capped(near.length),
    ];
  }

  private several(keys: readonly Key[], state: State): HTMLElement[] {
    const rows = keys.slice(0, SHOW).map((key) => el("li", {}, this.link(key, state)));
    return [el("ul", { class: "rt-list" }, ...rows), ...this.capped(keys.length)];
  }

  private lineRow(line: Line, key: Key, state: State): HTMLElement {
    const out = line.start === key;
    const other = state.nodes.get(out ? line.end : line.start);
    const sums = [...line.totals].map(([currency, minor]) => money(minor, currency)).join(" + ");
    const text = `${out ? "→" : "←"} ${schemaName(this.words, line.type)} ${other ? caption(other, 26) : ""}`;
    const made = button(text, () => this.actions.select([], [line.key]), { class: "rt-link" });
    return el("li", {}, made, el("span", { class: "rt-note" }, line.rels.length > 1 ? `${line.rels.length} × ${sums}` : sums));
  }

  private line(line: Line, state: State): HTMLElement[] {
    const sums = [...line.totals].map(([currency, minor]) => money(minor, currency)).join(" + ");
    const sorted = [...line.rels].sort((a, b) => (spanOf(b)?.[0] ?? 0) - (spanOf(a)?.[0] ?? 0));
    return [
      el("h3", { class: "rt-what" }, schemaName(this.words, line.type)),
      el("p", {}, this.link(line.start, state), " → ", this.link(line.end, state)),
      sums ? el("p", { class: "rt-sum" }, line.rels.length > 1 ? `${count(line.rels.length)} × Σ ${sums}` : sums) : el("p"),
      ...this.net(line), ...this.span(line), ...this.notes(state, "rel", line.rels.map(relKey)),
      el("h4", {}, this.words("events", { n: count(line.rels.length) })),
      ...sorted.slice(0, SHOW).map((rel) => this.event(rel, sorted.length <= 3)),
      ...this.capped(sorted.length),
    ];
  }

  /** One relationship, folded up when there are many. */
  private event(rel: RelData, open: boolean): HTMLElement {
    const amount = amountOf(rel);
    const span = spanOf(rel);
    const head = [span ? time(span[0], this.zone) : "", amount ? money(amount.minor, amount.currency) : ""].filter(Boolean).join("  ");
    return el("details", { class: "rt-event", open }, el("summary", {}, head || visible(rel.id)), isMoney(rel.type) && span ? button(this.words("trail"), () => this.actions.trail(rel)) : null, this.facts({ id: rel.id, ...rel.properties }), ...this.source(rel.properties));
  }

  private facts(properties: Properties): HTMLElement {
    const rows = Object.entries(properties).filter(([name, value]) => value !== null && value !== undefined && value !== "" && !PROVENANCE.has(name));
    return el("dl", { class: "rt-facts" }, ...rows.flatMap(([name, value]) => [
      el("dt", { title: name }, schemaName(this.words, name)), el("dd", {}, this.value(name, value!, properties)),
    ]));
  }

  /** Roles and values of a known vocabulary in words, everything else as it is. */
  private value(name: string, value: Value, properties: Properties): string {
    if (name === "role" && typeof value === "string") return schemaName(this.words, value);
    if (typeof value === "boolean") return this.words(value ? "yes" : "no");
    return shown(name, typeof value === "string" ? storedValue(this.words, name, value) : value, properties, this.zone);
  }

  private source(properties: Properties): HTMLElement[] {
    const { source, source_row: row, load_seq: load, loaded_at_ms: at } = properties;
    if (source === undefined || source === null) return [];
    const parts = [visible(String(source)), row ? this.words("row", { n: String(row) }) : "", load ? this.words("load", { n: String(load) }) : "", typeof at === "number" ? time(at, this.zone) : ""];
    return [el("p", { class: "rt-note" }, `${this.words("source")}: ${parts.filter(Boolean).join(", ")}`)];
  }

  /** Net and gross of a line that carries money both ways. */
  private net(line: Line): HTMLElement[] {
    if (!line.back.size) return [];
    const sums = (totals: ReadonlyMap<string, number>) => [...totals].map(([currency, minor]) => money(minor, currency)).join(" + ");
    const gross = new Map(line.totals);
    for (const [currency, minor] of line.back) gross.set(currency, (gross.get(currency) ?? 0) + minor);
    return [el("dl", { class: "rt-facts" }, el("dt", {}, this.words("gross")), el("dd", {}, sums(gross)), el("dt", {}, this.words("back")), el("dd", {}, sums(line.back)), el("dt", {}, this.words("net")), el("dd", {}, sums(netOf(line))))];
  }

  /** When the first and the last happened. */
  private span(line: Line): HTMLElement[] {
    const times = line.rels.flatMap((rel) => spanOf(rel) ?? []);
    if (times.length < 3) return [];
    return [el("p", { class: "rt-note" }, `${this.words("first")} ${time(times.reduce((a, b) => Math.min(a, b)), this.zone)} · ${this.words("last")} ${time(times.reduce((a, b) => Math.max(a, b)), this.zone)}`)];
  }

  /** Money in, out and kept on the canvas. */
  private flow(key: Key, view: View): HTMLElement[] {
    const account = accountsOf(view).get(key);
    if (!account) return [];
    const sums = (totals: ReadonlyMap<string, number>) => [...totals].map(([currency, minor]) => money(minor, currency)).join(" + ") || "0";
    return [el("dl", { class: "rt-facts rt-flow-facts" }, el("dt", {}, this.words("moneyIn")), el("dd", {}, sums(account.ins)), el("dt", {}, this.words("moneyOut")), el("dd", {}, sums(account.outs)), el("dt", {}, this.words("kept")), el("dd", {}, sums(keptOf(account)))),
      el("p", { class: "rt-note" }, this.words("onCanvasOnly"))];
  }

  /** Of the victims' money: what came here, what is left, and whether a stop-payment order could still catch it. */
  private reach(key: Key, reach: Reach | null): HTMLElement[] {
    const { words } = this;
    return (reach?.rows.get(key) ?? []).map((row) => el("dl", { class: "rt-facts rt-flow-facts" }, el("dt", {}, words("tracedIn")), el("dd", {}, money(row.in_minor, row.currency)), el("dt", {}, words("stillThere")), el("dd", { class: "rt-strong" }, money(row.left_minor, row.currency)),
      el("dt", {}, words("stopOrder")), el("dd", {}, row.reachable ? `✓ ${words("canStop")}` : `✗ ${whyNot(words, row.why)}`)));
  }

  private notes(state: State, kind: "node" | "rel", keys: readonly Key[]): HTMLElement[] {
    const mine = [...state.notes.values()].filter((note) => note.kind === kind && keys.includes(note.key));
    return mine.map((note) => el("blockquote", { class: "rt-noted" }, el("p", {}, note.mark ? `${this.words(`mark_${note.mark}` as Word)}: ` : "", visible(note.text)),
      el("footer", { class: "rt-note" }, `${note.author} · ${time(note.at_ms, this.zone)} `, button(this.words("noteRemove"), () => this.actions.unnote(note.id), { class: "rt-link" }))));
  }

  private link(key: Key, state: State): HTMLElement {
    const node = state.nodes.get(key);
    return button(node ? caption(node) : key, () => this.actions.select([key], []), { class: "rt-link" });
  }

  private capped(all: number): HTMLElement[] {
    return all > SHOW ? [el("p", { class: "rt-note" }, this.words("showing", { n: SHOW, all: count(all) }))] : [];
  }
}
