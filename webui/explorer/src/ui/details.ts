/** What is known of the selection: all properties as text, money with currency, times in the installation's zone, source. */
import { amountOf, caption, count, money, shown, spanOf, time, visible } from "../format";
import { schemaName, type Words } from "../i18n";
import { styleOf } from "../style";
import type { State } from "../state";
import type { Key, NodeData, Properties, RelData } from "../types";
import type { Line, View } from "../view";
import { button, el, fill, swatch } from "./dom";

const PROVENANCE: ReadonlySet<string> = new Set(["source", "source_row", "load_seq", "loaded_at_ms"]);
const SHOW = 100;

export interface DetailActions {
  select(keys: Key[], lines: Key[]): void;
  expand(key: Key): void;
  locate(key: Key): void;
  findingUrl(id: string): string | null;
}

export class Details {
  readonly element = el("div", { class: "rt-details", "aria-live": "polite" });

  constructor(private readonly words: Words, private readonly zone: string, private readonly actions: DetailActions) {}

  show(state: State, view: View, nodes: readonly Key[], lines: readonly Key[]): void {
    const node = nodes.length === 1 && !lines.length ? state.nodes.get(nodes[0]!) : undefined;
    const line = lines.length === 1 && !nodes.length ? view.lines.get(lines[0]!) : undefined;
    if (node) fill(this.element, ...this.node(node, nodes[0]!, state, view));
    else if (line) fill(this.element, ...this.line(line, state));
    else if (nodes.length + lines.length > 1) fill(this.element, el("p", {}, this.words("selectedN", { n: nodes.length + lines.length })), ...this.several(nodes, state));
    else fill(this.element, el("p", { class: "rt-note" }, this.words("nothing")));
  }

  private node(node: NodeData, key: Key, state: State, view: View): HTMLElement[] {
    const words = this.words;
    const near = [...view.lines.values()].filter((line) => line.start === key || line.end === key);
    const url = node.label === "Finding" ? this.actions.findingUrl(node.id) : null;
    return [
      el("h3", { class: "rt-what" }, swatch(styleOf(node.label)), el("span", {}, caption(node, 80))),
      el("p", { class: "rt-note" }, schemaName(words, node.label), state.pinned.has(key) ? ` · ${words("pinned")}` : ""),
      el("div", { class: "rt-row" }, button(words("expand"), () => this.actions.expand(key)), button(words("locate"), () => this.actions.locate(key)),
        url ? el("a", { class: "rt-btn", href: url }, words("openFinding")) : null),
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
    return el("details", { class: "rt-event", open }, el("summary", {}, head || visible(rel.id)), this.facts({ id: rel.id, ...rel.properties }), ...this.source(rel.properties));
  }

  private facts(properties: Properties): HTMLElement {
    const rows = Object.entries(properties).filter(([name, value]) => value !== null && value !== undefined && value !== "" && !PROVENANCE.has(name));
    return el("dl", { class: "rt-facts" }, ...rows.flatMap(([name, value]) => [
      el("dt", { title: name }, schemaName(this.words, name)), el("dd", {}, shown(name, value!, properties, this.zone)),
    ]));
  }

  private source(properties: Properties): HTMLElement[] {
    const { source, source_row: row, load_seq: load, loaded_at_ms: at } = properties;
    if (source === undefined || source === null) return [];
    const parts = [visible(String(source)), row ? this.words("row", { n: String(row) }) : "", load ? this.words("load", { n: String(load) }) : "", typeof at === "number" ? time(at, this.zone) : ""];
    return [el("p", { class: "rt-note" }, `${this.words("source")}: ${parts.filter(Boolean).join(", ")}`)];
  }

  private link(key: Key, state: State): HTMLElement {
    const node = state.nodes.get(key);
    return button(node ? caption(node) : key, () => this.actions.select([key], []), { class: "rt-link" });
  }

  private capped(all: number): HTMLElement[] {
    return all > SHOW ? [el("p", { class: "rt-note" }, this.words("showing", { n: SHOW, all: count(all) }))] : [];
  }
}
