/** Counts first: the groups of a node's neighbours, what to bring, in which order, how many. */
import type { ExpandChoice } from "../api";
import { count } from "../format";
import { schemaName, type Words } from "../i18n";
import { styleOf } from "../style";
import type { GroupCount } from "../types";
import { button, el, swatch } from "./dom";

export interface Expansion {
  readonly groups: readonly GroupCount[];
  readonly order: string;
  readonly limit: number;
}

/** Show the choice over the stage; resolves to null when closed. */
export function chooseExpansion(host: HTMLElement, words: Words, name: string, groups: readonly GroupCount[]): Promise<Expansion | null> {
  return new Promise((resolve) => {
    const boxes = groups.map((group) => ({ group, box: el("input", { type: "checkbox", checked: groups.length <= 8 || group.rel === "TRANSFER" }) }));
    const order = el("select", { class: "rt-input" }, option("latest", words("latest")), option("amount", words("largest")));
    const limit = el("input", { class: "rt-input", type: "number", min: 1, max: 1000, value: 50 });
    const note = el("p", { class: "rt-note", role: "alert" });
    const done = (answer: Expansion | null) => {
      form.remove();
      resolve(answer);
    };
    const submit = (event: Event) => {
      event.preventDefault();
      const chosen = boxes.filter(({ box }) => box.checked).map(({ group }) => group);
      if (!chosen.length) note.textContent = words("chooseOne");
      else done({ groups: chosen, order: order.value, limit: Math.min(1000, Math.max(1, Number(limit.value) || 50)) });
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      done(null);
    };
    const form = el("form", { class: "rt-dialog", role: "dialog", "aria-label": words("expandTitle", { name }), on: { submit, keydown: escape } },
      el("h3", {}, words("expandTitle", { name })),
      el("div", { class: "rt-groups" }, ...boxes.map(({ group, box }) => row(words, group, box))),
      groups.length ? null : el("p", { class: "rt-note" }, words("noNeighbours")),
      groups.length ? el("div", { class: "rt-pair" }, el("label", {}, words("order"), order), el("label", {}, words("limit"), limit)) : null,
      note,
      el("div", { class: "rt-row" }, groups.length ? el("button", { type: "submit", class: "rt-btn rt-primary" }, words("expandDo")) : null, button(words("cancel"), () => done(null))),
    );
    host.append(form);
    (form.querySelector<HTMLElement>("button[type=submit]") ?? form.querySelector<HTMLElement>("button"))?.focus();
  });
}

function row(words: Words, group: GroupCount, box: HTMLInputElement): HTMLElement {
  const arrow = { out: "→", in: "←" }[group.direction] ?? "↔";
  return el("label", { class: "rt-group" }, box, el("span", { class: "rt-arrow" }, arrow), el("span", {}, schemaName(words, group.rel)),
    swatch(styleOf(group.other_label)), el("span", { class: "rt-grow" }, schemaName(words, group.other_label)), el("b", {}, count(group.count)));
}

function option(value: string, text: string): HTMLOptionElement {
  return el("option", { value }, text);
}

/** What to ask the API for one group. */
export function choiceOf(group: GroupCount, order: string, limit: number): ExpandChoice {
  const direction = group.direction === "out" || group.direction === "in" ? { direction: group.direction } : {};
  return { rel: group.rel, ...direction, other_label: group.other_label, limit, order };
}
