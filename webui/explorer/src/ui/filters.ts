/** Filters with histograms: time under the drawing; amount (by its logarithm) and score at the left. */
import { amountOf, count, time } from "../format";
import type { Words } from "../i18n";
import type { Filter, State } from "../state";
import { amountHistogram, histogram, scoreHistogram, type Histogram } from "../view";
import { button, el, fill } from "./dom";

const STEPS = 1000;

interface Parts {
  readonly words: Words;
  readonly name: string;
  /** How a value on the axis reads. */
  readonly said: (value: number) => string;
  readonly changed: (low: number | undefined, high: number | undefined, done: boolean) => void;
}

/** Bars with a slider at each side; a side at its end is open. */
class Range {
  readonly element: HTMLElement;
  readonly said = el("span", { class: "rt-note" });
  private readonly bars = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  private readonly low = el("input", { type: "range", min: 0, max: STEPS, value: 0, class: "rt-range" });
  private readonly high = el("input", { type: "range", min: 0, max: STEPS, value: STEPS, class: "rt-range" });
  private reach: Histogram | null = null;

  constructor(private readonly parts: Parts) {
    const { words, name } = parts;
    this.low.setAttribute("aria-label", `${name} ${words("from")}`);
    this.high.setAttribute("aria-label", `${name} ${words("to")}`);
    this.bars.setAttribute("class", "rt-bars");
    this.bars.setAttribute("preserveAspectRatio", "none");
    this.bars.setAttribute("aria-hidden", "true");
    this.element = el("div", { class: "rt-slider" }, this.bars, this.low, this.high);
    for (const [event, done] of [["input", false], ["change", true]] as const) for (const slider of [this.low, this.high]) slider.addEventListener(event, () => this.slid(done));
  }

  show(found: Histogram | null, low: number | undefined, high: number | undefined): void {
    this.reach = found;
    this.element.hidden = !found;
    if (!found) return;
    const slot = (at: number) => Math.round(((at - found.from) / (found.to - found.from)) * STEPS);
    if (document.activeElement !== this.low || low === undefined) this.low.value = String(low === undefined ? 0 : slot(low));
    if (document.activeElement !== this.high || high === undefined) this.high.value = String(high === undefined ? STEPS : slot(high));
    this.say(low ?? found.from, high ?? found.to);
    const top = Math.max(...found.counts);
    const wide = (found.to - found.from) / found.counts.length;
    this.bars.setAttribute("viewBox", `0 0 ${found.counts.length} 100`);
    fill(this.bars, ...found.counts.map((n, index) => {
      const middle = found.from + (index + 0.5) * wide;
      const height = n ? 12 + (88 * n) / top : 0;
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      bar.setAttribute("class", middle < (low ?? -Infinity) || middle > (high ?? Infinity) ? "rt-off" : "");
      for (const [name, value] of Object.entries({ x: index + 0.1, y: 100 - height, width: 0.8, height })) bar.setAttribute(name, String(value));
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = `${this.parts.said(middle)}: ${count(n)}`;
      bar.append(title);
      return bar;
    }));
  }

  private say(from: number, to: number): void {
    const { said } = this.parts;
    this.said.textContent = `${said(from)} – ${said(to)}`;
    this.low.setAttribute("aria-valuetext", said(from));
    this.high.setAttribute("aria-valuetext", said(to));
  }

  private slid(done: boolean): void {
    if (!this.reach) return;
    const { from, to } = this.reach;
    let [a, b] = [Number(this.low.value), Number(this.high.value)];
    if (a > b) [a, b] = [b, a];
    const at = (slot: number) => from + (slot / STEPS) * (to - from);
    this.say(at(a), at(b));
    this.parts.changed(a === 0 ? undefined : at(a), b === STEPS ? undefined : at(b), done);
  }
}

export class Filters {
  readonly timeline: HTMLElement;
  readonly side: HTMLElement;
  private readonly time: Range;
  private readonly amount: Range;
  private readonly score: Range;
  private readonly amounts: HTMLElement;
  private readonly scores: HTMLElement;
  private readonly min = el("input", { type: "number", min: 0, class: "rt-input", step: "any" });
  private readonly max = el("input", { type: "number", min: 0, class: "rt-input", step: "any" });
  private readonly currency = el("select", { class: "rt-input" });

  constructor(words: Words, zone: string, private readonly current: () => Filter, private readonly apply: (filter: Filter, done: boolean) => void, flow: HTMLElement) {
    const put = (given: Partial<Record<keyof Filter, number | string | undefined>>, done: boolean) => this.put(given, done);
    this.time = new Range({ words, name: words("time"), said: (at) => time(at, zone), changed: (low, high, done) => put({ fromMs: low && Math.floor(low), toMs: high && Math.ceil(high) }, done) });
    this.amount = new Range({ words, name: words("amount"), said: (at) => count(Number((10 ** at).toPrecision(3))), changed: (low, high, done) => put({ min: rounded(low), max: rounded(high), currency: this.currency.value }, done) });
    this.score = new Range({ words, name: words("score"), said: (at) => at.toFixed(2), changed: (low, high, done) => put({ minScore: low, maxScore: high }, done) });
    for (const [input, side] of [[this.min, "from"], [this.max, "to"]] as const) {
      input.placeholder = words(side);
      input.setAttribute("aria-label", `${words("amount")} ${words(side)}`);
      input.addEventListener("change", () => this.amounted());
    }
    this.currency.setAttribute("aria-label", words("currency"));
    this.currency.addEventListener("change", () => this.amounted());
    const reset = button(words("reset"), () => this.apply({}, true), { class: "rt-link" });
    this.timeline = el("div", { class: "rt-timeline" }, el("div", { class: "rt-row" }, el("b", {}, words("time")), this.time.said, el("span", { class: "rt-grow" }), flow, el("span", { class: "rt-note" }, zone), reset), this.time.element);
    this.amounts = el("div", { class: "rt-amounts" }, el("h4", {}, words("amount")), this.amount.element, el("div", { class: "rt-pair" }, this.min, this.max), this.currency);
    this.scores = el("div", { class: "rt-amounts" }, el("h4", {}, words("score")), this.score.said, this.score.element);
    this.side = el("div", {}, this.amounts, this.scores);
  }

  show(state: State): void {
    const { filter } = state;
    const times = histogram(state);
    this.timeline.hidden = !times;
    this.time.show(times, filter.fromMs, filter.toMs);
    const chosen = this.showCurrencies(state);
    const log = (value: number | undefined) => (value === undefined || value <= 0 ? undefined : Math.log10(value));
    this.amount.show(chosen ? amountHistogram(state, chosen) : null, log(filter.min), log(filter.max));
    const scores = scoreHistogram(state);
    this.scores.hidden = !scores;
    this.score.show(scores, filter.minScore, filter.maxScore);
  }

  private showCurrencies(state: State): string {
    const currencies = new Map<string, number>();
    for (const rel of state.rels.values()) {
      const amount = amountOf(rel);
      if (amount) currencies.set(amount.currency, (currencies.get(amount.currency) ?? 0) + 1);
    }
    this.amounts.hidden = !currencies.size;
    const names = [...currencies].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const chosen = state.filter.currency && names.includes(state.filter.currency) ? state.filter.currency : (names[0] ?? "");
    fill(this.currency, ...names.map((name) => el("option", { value: name, selected: name === chosen }, name)));
    this.min.value = state.filter.min === undefined ? "" : String(state.filter.min);
    this.max.value = state.filter.max === undefined ? "" : String(state.filter.max);
    return chosen;
  }

  private amounted(): void {
    const read = (input: HTMLInputElement) => (input.value === "" ? undefined : Number(input.value));
    this.put({ min: read(this.min), max: read(this.max), currency: this.currency.value }, true);
  }

  private put(given: Partial<Record<keyof Filter, number | string | undefined>>, done: boolean): void {
    const next = Object.fromEntries(Object.entries({ ...this.current(), ...given }).filter(([, value]) => value !== undefined));
    if (next["min"] === undefined && next["max"] === undefined) delete next["currency"];
    this.apply(next as Filter, done);
  }
}

function rounded(log: number | undefined): number | undefined {
  return log === undefined ? undefined : Number((10 ** log).toPrecision(3));
}
