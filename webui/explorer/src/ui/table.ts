/** The same network as two tables, linked to the selection: for reading, sorting, keyboards and screen readers. */
import { accountsOf, keptOf } from "../flow";
import { caption, count, money, shortMoney, spanOf, time, visible } from "../format";
import { schemaName, type Word, type Words } from "../i18n";
import type { Reach } from "../reaching";
import { styleOf } from "../style";
import type { Key } from "../types";
import { nodeTotals, type View } from "../view";
import { button, el, fill, swatch } from "./dom";
import { whyNot } from "./trace";

/** Words are made for the rows that are shown, not for all that are sorted. */
interface Cell {
  readonly text: () => string;
  readonly sort: string | number;
  readonly sign?: () => HTMLElement;
}
interface Row {
  readonly key: Key;
  readonly cells: readonly Cell[];
}
const PAGE = 200;
const BY_NAME = new Intl.Collator();

export class Tables {
  readonly element: HTMLElement;
  private readonly body = el("div", { class: "rt-table-scroll" });
  private readonly tabs: HTMLButtonElement[];
  private which: "nodes" | "lines" = "nodes";
  private sorting = { column: 2, down: true };
  private limit = PAGE;
  /** What the rows on the page were made from. */
  private drawn: View | null = null;
  private last: { view: View; nodes: ReadonlySet<Key>; lines: ReadonlySet<Key>; reach: Reach | null } | null = null;

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

  show(view: View, nodes: ReadonlySet<Key>, lines: ReadonlySet<Key>, reach: Reach | null): void {
    const same = this.last?.view === view && this.drawn === view && this.last.reach === reach;
    this.last = { view, nodes, lines, reach };
    if (!this.element.isConnected || this.element.hidden || !this.element.offsetParent) return;
    if (same) this.mark();
    else this.draw();
  }

  /** Only the selection changed: rows that are there say so; one further down is brought by drawing anew. */
  private mark(): void {
    const selected = this.which === "nodes" ? this.last!.nodes : this.last!.lines;
    const rows = [...this.body.querySelectorAll<HTMLElement>("tbody tr")];
    rows.forEach((row, index) => {
      const on = selected.has(row.dataset["key"]!);
      row.setAttribute("aria-selected", String(on));
      row.tabIndex = index === 0 || on ? 0 : -1;
    });
    if (!rows.some((row) => row === document.activeElement)) this.body.querySelector('tr[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** The keyboard goes to the first row. */
  focus(): void {
    this.draw();
    this.body.querySelector<HTMLElement>("tbody tr")?.focus();
  }

  draw(): void {
    if (!this.last) return;
    const { view, nodes, lines, reach } = this.last;
    this.drawn = view;
    this.tabs.forEach((tab, index) => tab.setAttribute("aria-selected", String((index === 0) === (this.which === "nodes"))));
    const heads: Word[] = this.which === "nodes" ? ["name", "label", "degree", "in", "out", "moneyIn", "moneyOut", "kept", ...(reach ? ["withinReach", "stopOrder"] as const : [])] : ["start", "end", "total", "number", "type", "first", "last"];
    const rows = (this.which === "nodes" ? this.nodeRows(view, reach) : this.lineRows(view)).sort((a, b) => this.compare(a, b));
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
    const made = el("tr", { tabindex: index === 0 || selected ? 0 : -1, "aria-selected": String(selected), on: { click, mousedown: (event: MouseEvent) => event.shiftKey && event.preventDefault(), dblclick: () => this.locate(this.which, row.key) } },
      ...row.cells.map((cell) => el("td", { class: typeof cell.sort === "number" ? "rt-num" : "" }, cell.sign?.(), cell.text())));
    made.dataset["key"] = row.key;
    return made;
  }

  private nodeRows(view: View, reach: Reach | null): Row[] {
    const totals = nodeTotals(view);
    const accounts = accountsOf(view);
    const number = (n: number): Cell => ({ text: () => count(n), sort: n });
    const sums = (of: ReadonlyMap<string, number> | undefined): Cell => ({ text: () => [...(of ?? [])].map(([currency, minor]) => shortMoney(minor, currency)).join(" + "), sort: sumOf(of) });
    return [...view.nodes].map(([key, node]) => {
      const account = accounts.get(key);
      const { degree, ins, outs } = totals.get(key)!;
      const name = caption(node, 34);
      const label = schemaName(this.words, node.label);
      return { key, cells: [{ text: () => name, sort: name, sign: () => swatch(styleOf(node.label)) }, { text: () => label, sort: label }, number(degree), number(ins), number(outs), sums(account?.ins), sums(account?.outs), sums(account && keptOf(account)), ...(reach ? this.reachCells(reach, key) : [])] };
    });
  }

  /** What is left of the traced money, and whether an order could catch it; accounts it never came to say nothing. */
  private reachCells(reach: Reach, key: Key): Cell[] {
    const rows = reach.rows.get(key) ?? [];
    const left = rows.filter((row) => row.reachable).reduce((sum, row) => sum + row.left_minor, 0);
    const text = () => rows.map((row) => shortMoney(row.reachable ? row.left_minor : 0, row.currency)).join(" + ");
    const why = [...new Set(rows.map((row) => (row.reachable ? `✓ ${this.words("canStop")}` : `✗ ${whyNot(this.words, row.why)}`)))].join(" · ");
    return [{ text, sort: rows.length ? left : -1 }, { text: () => why, sort: why }];
  }

  private lineRows(view: View): Row[] {
    return [...view.lines].map(([key, line]) => {
      let [first, last] = [Infinity, -Infinity];
      for (const rel of line.rels) {
        const span = spanOf(rel);
        if (span) [first, last] = [Math.min(first, span[0]), Math.max(last, span[1])];
      }
      const name = (end: Key): Cell => {
        const text = caption(view.nodes.get(end)!, 22);
        return { text: () => text, sort: text };
      };
      const sums = () => visible([...line.totals].map(([currency, minor]) => money(minor, currency)).join(" + "));
      const at = (ms: number): Cell => ({ text: () => (Number.isFinite(ms) ? time(ms, this.zone) : ""), sort: Number.isFinite(ms) ? ms : 0 });
      const type = schemaName(this.words, line.type);
      return { key, cells: [name(line.start), name(line.end), { text: sums, sort: sumOf(line.totals) }, { text: () => count(line.rels.length), sort: line.rels.length }, { text: () => type, sort: type }, at(first), at(last)] };
    });
  }

  private compare(a: Row, b: Row): number {
    const [x, y] = [a.cells[this.sorting.column]!.sort, b.cells[this.sorting.column]!.sort];
    const order = typeof x === "number" && typeof y === "number" ? x - y : BY_NAME.compare(String(x), String(y));
    return (this.sorting.down ? -order : order) || (a.key < b.key ? -1 : 1);
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

function sumOf(totals: ReadonlyMap<string, number> | undefined): number {
  let sum = 0;
  for (const minor of totals?.values() ?? []) sum += minor;
  return sum;
}
