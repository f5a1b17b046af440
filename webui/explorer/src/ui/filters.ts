/** Time filter (histogram and two sliders) and amount filter. */
import { amountOf, time } from "../format";
import type { Words } from "../i18n";
import type { Filter, State } from "../state";
import { histogram } from "../view";
import { button, el, fill } from "./dom";

const STEPS = 1000;

export class Filters {
  readonly timeline: HTMLElement;
  readonly amounts: HTMLElement;
  private readonly bars = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  private readonly low = el("input", { type: "range", min: 0, max: STEPS, value: 0, class: "rt-range" });
  private readonly high = el("input", { type: "range", min: 0, max: STEPS, value: STEPS, class: "rt-range" });
  private readonly said = el("span", { class: "rt-note" });
  private readonly min = el("input", { type: "number", min: 0, class: "rt-input", step: "any" });
  private readonly max = el("input", { type: "number", min: 0, class: "rt-input", step: "any" });
  private readonly currency = el("select", { class: "rt-input" });
  private reach: { from: number; to: number } | null = null;

  constructor(words: Words, private readonly zone: string, private readonly current: () => Filter, private readonly apply: (filter: Filter, done: boolean) => void) {
    this.low.setAttribute("aria-label", `${words("time")} ${words("from")}`);
    this.high.setAttribute("aria-label", `${words("time")} ${words("to")}`);
    this.min.placeholder = words("from");
    this.max.placeholder = words("to");
    for (const [input, side] of [[this.min, "from"], [this.max, "to"]] as const) input.setAttribute("aria-label", `${words("amount")} ${words(side)}`);
    this.currency.setAttribute("aria-label", "currency");
    this.bars.setAttribute("class", "rt-bars");
    this.bars.setAttribute("preserveAspectRatio", "none");
    this.bars.setAttribute("aria-hidden", "true");
    const reset = button(words("reset"), () => this.apply({ ...this.current(), fromMs: undefined, toMs: undefined } as Filter, true), { class: "rt-link" });
    this.timeline = el("div", { class: "rt-timeline" }, el("div", { class: "rt-row" }, el("b", {}, words("time")), this.said, el("span", { class: "rt-grow" }), el("span", { class: "rt-note" }, zone), reset),
      el("div", { class: "rt-slider" }, this.bars, this.low, this.high));
    this.amounts = el("div", { class: "rt-amounts" }, el("h4", {}, words("amount")), el("div", { class: "rt-pair" }, this.min, this.max), this.currency);
    for (const [slider, done] of [["input", false], ["change", true]] as const) {
      this.low.addEventListener(slider, () => this.slid(done));
      this.high.addEventListener(slider, () => this.slid(done));
      if (done) for (const input of [this.min, this.max, this.currency]) input.addEventListener(slider, () => this.amounted());
    }
  }

  show(state: State): void {
    const found = histogram(state);
    this.timeline.hidden = !found;
    this.reach = found;
    this.showAmounts(state);
    if (!found) return;
    const { fromMs, toMs } = state.filter;
    const slot = (at: number) => Math.round(((at - found.from) / (found.to - found.from)) * STEPS);
    if (document.activeElement !== this.low || fromMs === undefined) this.low.value = String(fromMs === undefined ? 0 : slot(fromMs));
    if (document.activeElement !== this.high || toMs === undefined) this.high.value = String(toMs === undefined ? STEPS : slot(toMs));
    this.say(fromMs ?? found.from, toMs ?? found.to);
    const top = Math.max(...found.counts);
    this.bars.setAttribute("viewBox", `0 0 ${found.counts.length} 100`);
    fill(this.bars, ...found.counts.map((n, index) => {
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const height = n ? 12 + (88 * n) / top : 0;
      const middle = found.from + ((index + 0.5) / found.counts.length) * (found.to - found.from);
      bar.setAttribute("class", middle < (fromMs ?? -Infinity) || middle > (toMs ?? Infinity) ? "rt-off" : "");
      for (const [name, value] of Object.entries({ x: index + 0.1, y: 100 - height, width: 0.8, height })) bar.setAttribute(name, String(value));
      return bar;
    }));
  }

  private showAmounts(state: State): void {
    const currencies = new Map<string, number>();
    for (const rel of state.rels.values()) {
      const amount = amountOf(rel);
      if (amount) currencies.set(amount.currency, (currencies.get(amount.currency) ?? 0) + 1);
    }
    this.amounts.hidden = !currencies.size;
    const names = [...currencies].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const chosen = state.filter.currency ?? names[0] ?? "";
    fill(this.currency, ...names.map((name) => el("option", { value: name, selected: name === chosen }, name)));
    this.min.value = state.filter.min === undefined ? "" : String(state.filter.min);
    this.max.value = state.filter.max === undefined ? "" : String(state.filter.max);
  }

  private say(from: number, to: number): void {
    this.said.textContent = `${time(from, this.zone)} – ${time(to, this.zone)}`;
    this.low.setAttribute("aria-valuetext", time(from, this.zone));
    this.high.setAttribute("aria-valuetext", time(to, this.zone));
  }

  private slid(done: boolean): void {
    if (!this.reach) return;
    const { from, to } = this.reach;
    let [a, b] = [Number(this.low.value), Number(this.high.value)];
    if (a > b) [a, b] = [b, a];
    const at = (slot: number) => Math.round(from + ((to - from) * slot) / STEPS);
    const next: Record<string, unknown> = { ...this.current() };
    delete next["fromMs"];
    delete next["toMs"];
    if (a > 0) next["fromMs"] = at(a);
    if (b < STEPS) next["toMs"] = at(b);
    this.say(at(a), at(b));
    this.apply(next as Filter, done);
  }

  private amounted(): void {
    const next: Record<string, unknown> = { ...this.current() };
    for (const [name, input] of [["min", this.min], ["max", this.max]] as const) {
      if (input.value.trim() === "" || !Number.isFinite(Number(input.value))) delete next[name];
      else next[name] = Number(input.value);
    }
    if ("min" in next || "max" in next) next["currency"] = this.currency.value;
    else delete next["currency"];
    this.apply(next as Filter, true);
  }
}
