/** Counts first: what is around a node by type and direction, with money; then what to bring, in which order, how many. */
import type { Api, ExpandChoice } from "../api";
import { Problem } from "../api";
import type { NarrowBy } from "../cypher";
import { count, EXPONENT, shortMoney } from "../format";
import { schemaName, type Words } from "../i18n";
import { styleOf } from "../style";
import type { GroupCount, Key } from "../types";
import { choice, field, numeric, openDialog, zonedMs } from "./dialog";
import { button, el, fill, swatch } from "./dom";

export interface Expansion {
  readonly groups: readonly GroupCount[];
  readonly order: string;
  readonly limit: number;
  readonly narrow: NarrowBy;
  /** All ways but findings: one question instead of one for each. */
  readonly whole: boolean;
}

/** Shared by more than this: a hub, which says little about those who share it. */
export const HUB = 100;
export const MOST = 2000;

export interface Ask {
  readonly api: Api;
  readonly words: Words;
  readonly zone: string;
  readonly key: Key;
  readonly name: string;
  readonly groups: readonly GroupCount[] | null;
  /** Only this way: more of what is on the canvas already. */
  readonly only?: { readonly rel: string; readonly direction: string; readonly other_label: string };
}

/** Show the choice over the stage; resolves to null when closed. */
export function chooseExpansion(host: HTMLElement, ask: Ask): Promise<Expansion | null> {
  return new Promise((resolve) => {
    let answer: Expansion | null = null;
    openDialog(host, ask.words("expandTitle", { name: ask.name }), ask.words("close"), (dialog) => {
      const form = new ExpandForm(ask, (chosen) => {
        answer = chosen;
        dialog.close();
      });
      return [form.element];
    }, { closed: () => resolve(answer), wide: true });
  });
}

class ExpandForm {
  readonly element: HTMLElement;
  private readonly summary = el("p", { class: "rt-sum", role: "status" });
  private readonly list = el("div", { class: "rt-groups" });
  private readonly order: HTMLSelectElement;
  private readonly limit: HTMLInputElement;
  private readonly narrow: Record<"min" | "max" | "from" | "to", HTMLInputElement>;
  private readonly note = el("p", { class: "rt-note", role: "alert" });
  private readonly offers = el("div", { class: "rt-row" });
  private boxes: { group: GroupCount; box: HTMLInputElement }[] = [];

  constructor(private readonly ask: Ask, private readonly done: (chosen: Expansion | null) => void) {
    const { words } = ask;
    this.order = choice([["amount", words("largest")], ["latest", words("latest")], ["earliest", words("earliest")]], "amount");
    this.limit = numeric(50, 1, MOST);
    this.narrow = { min: numeric("", 0, 1e15, "any"), max: numeric("", 0, 1e15, "any"), from: el("input", { type: "datetime-local", class: "rt-input" }), to: el("input", { type: "datetime-local", class: "rt-input" }) };
    const presets = ([[50, "amount", "offerLargest"], [50, "latest", "offerLatest"], [200, "amount", "offer200"], [MOST, "amount", "offerAll"]] as const).map(([n, order, word]) => {
      const set = () => {
        this.limit.value = String(n);
        this.order.value = order;
        this.submit();
      };
      return button(words(word, { n: count(n) }), set);
    });
    const submit = (event: Event) => {
      event.preventDefault();
      this.submit();
    };
    this.element = el("form", { class: "rt-expand", on: { submit } },
      this.summary, el("div", { class: "rt-row rt-presets", role: "group", "aria-label": words("expandDo") }, ...presets), this.list,
      el("div", { class: "rt-pair" }, field(words("order"), this.order), field(words("limit"), this.limit)),
      el("details", {}, el("summary", {}, words("narrow")),
        el("div", { class: "rt-pair" }, field(`${words("amount")} ${words("from")}`, this.narrow.min), field(`${words("amount")} ${words("to")}`, this.narrow.max)),
        el("div", { class: "rt-pair" }, field(`${words("time")} ${words("from")}`, this.narrow.from), field(`${words("time")} ${words("to")}`, this.narrow.to)),
        button(words("countAgain"), () => void this.recount())),
      this.note, this.offers,
      el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary", "data-first": true }, words("expandDo")), button(words("cancel"), () => this.done(null))));
    if (ask.groups) this.show(ask.groups);
    else void this.recount();
  }

  private show(groups: readonly GroupCount[]): void {
    const { words } = this.ask;
    const mine = this.ask.only;
    const listed = mine ? groups.filter((group) => group.rel === mine.rel && group.direction === mine.direction && group.other_label === mine.other_label) : groups;
    this.boxes = listed.map((group) => ({ group, box: el("input", { type: "checkbox", checked: (listed.length <= 8 || group.rel === "TRANSFER") && group.rel !== "INVOLVES" }) }));
    const all = listed.reduce((sum, group) => sum + group.count, 0);
    const others = listed.reduce((sum, group) => sum + (group.others ?? 0), 0);
    this.summary.textContent = listed.length ? words("expandSummary", { n: count(all), m: count(others) }) : words("noNeighbours");
    fill(this.list, ...this.boxes.map(({ group, box }) => this.row(group, box)));
  }

  private row(group: GroupCount, box: HTMLInputElement): HTMLElement {
    const { words } = this.ask;
    const arrow = { out: "→", in: "←" }[group.direction] ?? "↔";
    const sums = (group.money ?? []).map((one) => shortMoney(one.amount_minor, one.currency)).join(" + ");
    const hub = (group.others ?? 0) > HUB ? el("span", { class: "rt-tag", title: words("hubWhy") }, words("hub")) : null;
    return el("label", { class: "rt-group" }, box, el("span", { class: "rt-arrow" }, arrow), el("span", {}, schemaName(words, group.rel)),
      swatch(styleOf(group.other_label)), el("span", { class: "rt-grow" }, schemaName(words, group.other_label), hub),
      el("span", { class: "rt-note" }, sums), el("b", {}, count(group.count)), el("span", { class: "rt-note" }, group.others !== undefined ? words("ofNodes", { n: count(group.others) }) : ""));
  }

  private bounds(): NarrowBy {
    const code = this.boxes.flatMap(({ group }) => group.money?.[0]?.currency ?? [])[0] ?? "CNY";
    const minor = (input: HTMLInputElement) => (input.value === "" ? undefined : Math.round(Number(input.value) * 10 ** (EXPONENT[code] ?? 2)));
    return { min_minor: minor(this.narrow.min), max_minor: minor(this.narrow.max), from_ms: zonedMs(this.narrow.from.value, this.ask.zone), to_ms: zonedMs(this.narrow.to.value, this.ask.zone) };
  }

  private async recount(): Promise<void> {
    const { words } = this.ask;
    this.summary.textContent = words("counting");
    this.note.textContent = "";
    fill(this.offers);
    try {
      this.show(await this.ask.api.neighbours(this.ask.key, { ...this.bounds() }));
    } catch (error) {
      this.summary.textContent = "";
      if (error instanceof Problem && error.code === "query_budget") this.offerNarrower();
      else this.note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** The count itself ran out of time: say so, and offer what will fit. */
  private offerNarrower(): void {
    const { words } = this.ask;
    this.note.textContent = words("stopped");
    const within = (days: number) => () => {
      const from = Date.now() - days * 86_400_000;
      this.narrow.from.value = new Date(from).toISOString().slice(0, 16);
      void this.recount();
    };
    const above = (major: number) => () => {
      this.narrow.min.value = String(major);
      void this.recount();
    };
    fill(this.offers, button(words("offerDays", { n: 30 }), within(30)), button(words("offerDays", { n: 7 }), within(7)), button(words("offerAbove", { n: count(10_000) }), above(10_000)));
  }

  private submit(): void {
    const chosen = this.boxes.filter(({ box }) => box.checked).map(({ group }) => group);
    if (!chosen.length) this.note.textContent = this.ask.words("chooseOne");
    else this.done({ groups: chosen, order: this.order.value, limit: Math.min(MOST, Math.max(1, Math.trunc(Number(this.limit.value)) || 50)), narrow: this.bounds(), whole: !this.ask.only && this.boxes.every(({ group, box }) => box.checked === (group.rel !== "INVOLVES")) });
  }
}

/** What to ask the API for one group. */
export function choiceOf(group: GroupCount, order: string, limit: number, narrow: NarrowBy = {}): ExpandChoice {
  const direction = group.direction === "out" || group.direction === "in" ? { direction: group.direction } : {};
  return { rel: group.rel, ...direction, other_label: group.other_label, limit, order, ...narrow };
}
