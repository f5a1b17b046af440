/** The same network as two tables, linked to the selection: for reading, sorting, keyboards and screen readers. */
import { accountsOf, keptOf } from "../flow";
import { caption, count, money, shortMoney, spanOf, time, visible } from "../format";
import { schemaName, type Word, type Words } from "../i18n";
import { styleOf } from "../style";
import type { Key } from "../types";
import { nodeTotals, type View } from "../view";
import { button, el, fill, swatch } from "./dom";

interface Cell {
  readonly text: string;
  readonly sort: string | number;
  readonly sign?: HTMLElement;
}
interface Row {
  readonly key: Key;
  readonly cells: readonly Cell[];
}
const PAGE = 200;

export class Tables {
  readonly element: HTMLElement;
  private readonly body = el("div", { class: "rt-table-scroll" });
  private readonly tabs: HTMLButtonElement[];
  private which: "nodes" | "lines" = "nodes";
  private sorting = { column: 2, down: true };
  private limit = PAGE;
  private last: { view: View; nodes: ReadonlySet<Key>; lines: ReadonlySet<Key> } | null = null;

  constructor(private readonly words: Words, private readonly zone: string, private readonly pick: (kind: "nodes" | "lines", key: Key, add: boolean) => void, private readonly locate: (kind: "nodes" | "lines", key: Key) => void) {
    this.tabs = (["nodes", "lines"] as const).map((which) =>
      button(words(which), () => {
        this.which = which;
        this.sorting = { column: 2, down: true };
        this.limit = PAGE;
        this.draw();
      }, { class: "rt-tab", role: "tab" }));
    this.element = el("div", { class: "rt-tables" }, el("div", { class: "rt-tabs", role: "tablist" }, ...this.tabs), this.body);
    this.body.addEventListener("keydown", (event) => this.key(event));
  }

  show(view: View, nodes: ReadonlySet<Key>, lines: ReadonlySet<Key>): void {
    this.last = { view, nodes, lines };
    if (this.element.isConnected && !this.element.hidden && this.element.offsetParent) this.draw();
  }

  /** The keyboard goes to the first row. */
  focus(): void {
    this.draw();
    this.body.querySelector<HTMLElement>("tbody tr")?.focus();
  }

  draw(): void {
    if (!this.last) return;
    const { view, nodes, lines } = this.last;
    this.tabs.forEach((tab, index) => tab.setAttribute("aria-selected", String((index === 0) === (this.which === "nodes"))));
    const heads: Word[] = this.which === "nodes" ? ["name", "label", "degree", "in", "out", "moneyIn", "moneyOut", "kept"] : ["start", "end", "total", "number", "type", "first", "last"];
    const rows = (this.which === "nodes" ? this.nodeRows(view) : this.lineRows(view)).sort((a, b) => this.compare(a, b));
    const selected = this.which === "nodes" ? nodes : lines;
    const focused = (document.activeElement as HTMLElement | null)?.dataset["key"];
    const head = el("tr", {}, ...heads.map((name, column) => this.head(name, column)));
    const drawn = rows.slice(0, this.limit).map((row, index) => this.row(row, index, selected.has(row.key)));
    const more = rows.length > this.limit ? button(`${this.words("more")}: ${this.words("tableMore", { n: count(this.limit), all: count(rows.length) })}`, () => {
      this.limit += 5 * PAGE;
      this.draw();
    }) : null;
    fill(this.body, el("table", { class: "rt-table-grid", "aria-label": this.words(this.which) }, el("thead", {}, head), el("tbody", {}, ...drawn)), more);
    if (focused) [...this.body.querySelectorAll<HTMLElement>("tbody tr")].find((row) => row.dataset["key"] === focused)?.focus();
    else this.body.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  private head(name: Word, column: number): HTMLElement {
    const sorted = column === this.sorting.column;
    const sort = button(this.words(name) + (sorted ? (this.sorting.down ? " ↓" : " ↑") : ""), () => {
      this.sorting = { column, down: sorted ? !this.sorting.down : true };
      this.draw();
    }, { class: "rt-link" });
    return el("th", { scope: "col", "aria-sort": sorted ? (this.sorting.down ? "descending" : "ascending") : "none" }, sort);
  }

  private row(row: Row, index: number, selected: boolean): HTMLElement {
    const click = (event: MouseEvent) => this.pick(this.which, row.key, event.shiftKey || event.ctrlKey || event.metaKey);
    const made = el("tr", { tabindex: index === 0 || selected ? 0 : -1, "aria-selected": String(selected), on: { click, dblclick: () => this.locate(this.which, row.key) } },
      ...row.cells.map((cell) => el("td", { class: typeof cell.sort === "number" ? "rt-num" : "" }, cell.sign, cell.text)));
    made.dataset["key"] = row.key;
    return made;
  }

  private nodeRows(view: View): Row[] {
    const totals = nodeTotals(view);
    const accounts = accountsOf(view);
    const sums = (totals_: ReadonlyMap<string, number> | undefined) => ({ text: totals_ ? [...totals_].map(([currency, minor]) => shortMoney(minor, currency)).join(" + ") : "", sort: totals_ ? [...totals_.values()].reduce((a, b) => a + b, 0) : 0 });
    return [...view.nodes].map(([key, node]) => {
      const account = accounts.get(key);
      const { degree, ins, outs } = totals.get(key)!;
      const name = caption(node, 34);
      const label = schemaName(this.words, node.label);
      return { key, cells: [{ text: name, sort: name, sign: swatch(styleOf(node.label)) }, { text: label, sort: label }, ...[degree, ins, outs].map((n) => ({ text: count(n), sort: n })), sums(account?.ins), sums(account?.outs), sums(account && keptOf(account))] };
    });
  }

  private lineRows(view: View): Row[] {
    return [...view.lines].map(([key, line]) => {
      const times = line.rels.map(spanOf).filter((span) => span !== null);
      const first = Math.min(...times.map((span) => span[0]));
      const last = Math.max(...times.map((span) => span[1]));
      const name = (end: Key) => caption(view.nodes.get(end)!, 22);
      const sums = [...line.totals].map(([currency, minor]) => money(minor, currency)).join(" + ");
      const at = (ms: number) => ({ text: times.length ? time(ms, this.zone) : "", sort: times.length ? ms : 0 });
      const type = schemaName(this.words, line.type);
      return { key, cells: [{ text: name(line.start), sort: name(line.start) }, { text: name(line.end), sort: name(line.end) }, { text: visible(sums), sort: [...line.totals.values()].reduce((a, b) => a + b, 0) },
        { text: count(line.rels.length), sort: line.rels.length }, { text: type, sort: type }, at(first), at(last)] };
    });
  }

  private compare(a: Row, b: Row): number {
    const [x, y] = [a.cells[this.sorting.column]!.sort, b.cells[this.sorting.column]!.sort];
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return (this.sorting.down ? -order : order) || a.key.localeCompare(b.key);
  }

  private key(event: KeyboardEvent): void {
    const row = (event.target as HTMLElement).closest<HTMLElement>("tbody tr");
    if (!row) return;
    const other = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key] as HTMLElement | null | undefined;
    if (other) other.focus();
    else if (event.key === "Enter" || event.key === " ") this.pick(this.which, row.dataset["key"]!, event.shiftKey);
    else return;
    event.preventDefault();
  }
}
