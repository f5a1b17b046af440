/** Legend with counts; a click on an entry takes its kind out of the drawing and back. */
import { count } from "../format";
import { schemaName, type Words } from "../i18n";
import { lookLegend } from "../look";
import { isMoney, styleOf } from "../style";
import type { State } from "../state";
import type { View } from "../view";
import { el, fill, swatch } from "./dom";

export class Legend {
  readonly element = el("div", { class: "rt-legend" });

  constructor(private readonly words: Words, private readonly toggle: (kind: "offLabels" | "offTypes", name: string, only: boolean) => void) {}

  show(state: State, view: View, more: readonly HTMLElement[]): void {
    fill(this.element,
      el("h4", {}, this.words("nodes")), ...[...view.labelCounts].map(([name, n]) => this.entry("offLabels", name, n, !state.offLabels.has(name), swatch(styleOf(name)))),
      el("h4", {}, this.words("relationships")), ...[...view.typeCounts].map(([name, n]) => this.entry("offTypes", name, n, !state.offTypes.has(name), el("span", { class: isMoney(name) ? "rt-dash rt-money" : "rt-dash" }))),
      ...this.look(state, view), ...more);
  }

  /** What the colours of a named style say. */
  private look(state: State, view: View): HTMLElement[] {
    const said = lookLegend(state.look, view.nodes.values());
    if (!said.length) return [];
    const name = (says: string) => (says === "" ? this.words("lookNone") : state.look === "role" ? schemaName(this.words, says) : `${says} +`);
    return [el("h4", {}, this.words(state.look === "role" ? "lookRole" : "lookScore")), ...said.map(({ color, says, n }) => el("div", { class: "rt-entry" }, swatch({ color, shape: "circle", mark: "" }), el("span", { class: "rt-grow" }, name(says)), el("span", { class: "rt-num" }, count(n))))];
  }

  private entry(kind: "offLabels" | "offTypes", name: string, n: number, on: boolean, sign: HTMLElement): HTMLElement {
    const click = (event: MouseEvent) => this.toggle(kind, name, event.shiftKey || event.ctrlKey);
    const title = `${name} · ${this.words("legendHow")}`;
    return el("button", { type: "button", class: "rt-entry", "aria-pressed": String(on), title, on: { click } },
      sign, el("span", { class: "rt-grow" }, schemaName(this.words, name)), el("span", { class: "rt-num" }, count(n)));
  }
}
