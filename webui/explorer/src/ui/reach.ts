/** What a stop-payment order could still reach, in the legend of money mode: on or off, the sums, and what they rest on. */
import type { Core } from "../core";
import { count, money, time } from "../format";
import type { Word } from "../i18n";
import { sumsOf, type Reach, type Reaching } from "../reaching";
import { el } from "./dom";

export function reachLegend(core: Core, reaching: Reaching): HTMLElement[] {
  const { words } = core;
  if (core.state.mode !== "flow") return [];
  const box = el("input", { type: "checkbox", checked: core.reachOn });
  box.addEventListener("change", () => {
    core.reachOn = box.checked;
    core.redraw();
  });
  const head = [el("h4", {}, words("reachTitle")), el("label", { class: "rt-check" }, box, words("reachShow"))];
  if (!core.reachOn) return head;
  const said = (text: string, bad = false) => el("p", { class: bad ? "rt-bad" : "rt-note", role: "status" }, text);
  if (reaching.why) return [...head, said(words(reaching.why))];
  if (reaching.failed) return [...head, said(reaching.failed, true)];
  return [...head, ...(core.reach ? figures(core, core.reach) : [said(words("loading"))])];
}

function figures(core: Core, reach: Reach): HTMLElement[] {
  const { words } = core;
  const { within, beyond, accounts } = sumsOf(reach);
  const outside = new Map(Object.entries(reach.found.outside));
  const { victims, rule, asOfMs, beyond: unjudged } = reach.question;
  const row = (sign: string, kind: string, word: Word, sums: ReadonlyMap<string, number>) =>
    el("div", { class: "rt-reach-row" }, el("span", { class: `rt-coin ${kind}`, "aria-hidden": "true" }, sign), el("span", { class: "rt-grow" }, words(word)), el("b", { class: "rt-num" }, textOf(sums)));
  const about = [
    words("reachFor", { names: victims.slice(0, 3).map((key) => core.name(key)).join(", ") + (victims.length > 3 ? " …" : ""), n: count(accounts) }), words(rule === "own_first" ? "ruleOwn" : "ruleTraced"),
    asOfMs === undefined ? "" : words("asOfNow", { at: time(asOfMs, core.options.zone) }), unjudged ? words("reachUnjudged", { n: count(unjudged) }) : "",
    reach.found.assumed_opening ? words("openingUnknown", { n: count(reach.found.assumed_opening) }) : "", ...reach.found.omitted,
  ];
  return [
    row("✓", "rt-coin-ok", "canStop", within), ...(beyond.size ? [row("✗", "rt-coin-no", "cannotStop", beyond)] : []), ...(outside.size ? [row("→", "rt-coin-out", "leftAccounts", outside)] : []),
    el("p", { class: "rt-note" }, `${about.filter(Boolean).join(" · ")}`),
  ];
}

/** Sums of several currencies, one after another; zero when there is nothing. */
export function textOf(sums: ReadonlyMap<string, number>): string {
  return [...sums].map(([currency, minor]) => money(minor, currency)).join(" + ") || "0";
}
