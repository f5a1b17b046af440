/** Asking for ways between what is selected: which types, which direction, how far, and what to pass. */
import type { PathChoice } from "../api";
import type { Core } from "../core";
import { schemaName } from "../i18n";
import type { Key } from "../types";
import { choice, field, numeric, openDialog } from "./dialog";
import { button, el } from "./dom";

/** Types a way may use: a finding joins its members only by our own suggestion. */
export const WALKED = ["TRANSFER", "OWNS", "REGISTERED_WITH", "USED_DEVICE", "CONNECTED_FROM", "HELD_AT", "EXCHANGED", "MOVED", "CALLED", "TEXTED", "VISITED"] as const;
/** Where everybody meets: a bank or a public address joins anybody to anybody. */
const COMMON: ReadonlySet<string> = new Set(["HELD_AT", "CONNECTED_FROM", "VISITED"]);

export interface Asked {
  readonly pairs: readonly (readonly [Key, Key])[];
  readonly choice: PathChoice;
  readonly reverse: boolean;
}

export function askPaths(host: HTMLElement, core: Core, keys: readonly Key[], go: (asked: Asked) => Promise<number>): void {
  const { words } = core;
  openDialog(host, words("path"), words("close"), (dialog) => {
    const hops = numeric(6, 1, 8);
    const way = choice([["any", words("wayAny")], ["along", words("wayAlong")], ["against", words("wayAgainst")]], "any");
    const rest = choice([["via", words("restVia")], ["pairs", words("restPairs")]], "via");
    const boxes = WALKED.map((rel) => ({ rel, box: el("input", { type: "checkbox", checked: !COMMON.has(rel) }) }));
    const answer = el("p", { class: "rt-sum", role: "status" });
    const [start, end] = [keys[0]!, keys.at(-1)!];
    const middle = keys.slice(1, -1);
    const submit = async (event: Event) => {
      event.preventDefault();
      const rels = boxes.filter(({ box }) => box.checked).map(({ rel }) => rel);
      if (!rels.length) {
        answer.textContent = words("chooseType");
        return;
      }
      const via = rest.value === "via" ? middle.slice(0, 3) : [];
      const pairs = rest.value === "via" || !middle.length ? [[start, end] as const] : keys.flatMap((one, index) => keys.slice(index + 1).map((other) => [one, other] as const)).slice(0, 10);
      answer.textContent = words("loading");
      const found = await go({ pairs, choice: { max_hops: Math.min(8, Math.max(1, Number(hops.value) || 6)), directed: way.value !== "any", rels, via }, reverse: way.value === "against" });
      if (found) dialog.close();
      else answer.textContent = host.closest(".rt-explorer")?.querySelector(".rt-status-text")?.textContent ?? "";
    };
    return [
      el("p", {}, words("pathBetween", { a: core.name(start), b: core.name(end) }), middle.length ? ` · ${words("pathOthers", { n: middle.length })}` : ""),
      el("form", { on: { submit: (event: Event) => void submit(event) } },
        el("div", { class: "rt-pair" }, field(words("maxHops"), hops), field(words("direction"), way)),
        middle.length ? field(words("restOf"), rest) : null,
        el("fieldset", { class: "rt-types" }, el("legend", {}, words("relationships")), ...boxes.map(({ rel, box }) => el("label", { class: "rt-check" }, box, schemaName(words, rel)))),
        el("p", { class: "rt-note" }, words("commonWhy")), answer,
        el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary", "data-first": true }, words("find")), button(words("cancel"), dialog.close))),
    ];
  }, { wide: true });
}
