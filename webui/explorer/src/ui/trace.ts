/** Asking where money went or came from, and what of it can still be stopped. */
import type { Reachable, TraceChoice } from "../api";
import type { Core } from "../core";
import { count, EXPONENT, money, time, visible } from "../format";
import type { Word, Words } from "../i18n";
import type { ReachOf } from "../state";
import { keyOf, pairOf, type Key } from "../types";
import { choice, field, numeric, openDialog, zonedMs, zonedText } from "./dialog";
import { button, el, fill } from "./dom";

const HOUR = 3_600_000;

export function askTrace(host: HTMLElement, core: Core, direction: "down" | "up", go: (choice: TraceChoice) => void): void {
  const { words } = core;
  openDialog(host, words(direction === "down" ? "traceDown" : "traceUp"), words("close"), (dialog) => {
    const hops = numeric(4, 1, 10);
    const each = numeric(10, 1, 200);
    const least = numeric("", 0, 1e12, "any");
    const within = choice([["24", words("hours", { n: 24 })], ["72", words("hours", { n: 72 })], ["720", words("days", { n: 30 })], ["", words("anyTime")]], "72");
    const submit = (event: Event) => {
      event.preventDefault();
      dialog.close();
      const until = core.state.asOf?.atMs;
      go({
        direction, hops: Math.max(1, Number(hops.value) || 4), each: Math.max(1, Number(each.value) || 10), min_minor: Math.round((Number(least.value) || 0) * 10 ** (EXPONENT["CNY"] ?? 2)),
        within_ms: within.value ? Number(within.value) * HOUR : null, ...(until === undefined ? {} : { to_ms: until }),
      });
    };
    return [el("p", { class: "rt-note" }, words("traceHow")), el("form", { on: { submit } },
      el("div", { class: "rt-pair" }, field(words("hops"), hops), field(words("eachLargest"), each)), el("div", { class: "rt-pair" }, field(words("leastAmount"), least), field(words("withinTime"), within)),
      el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary", "data-first": true }, words("follow")), button(words("cancel"), dialog.close)))];
  });
}

/** Where the money of the victims lies now; `keep` shows the same on the canvas from then on. */
export function showReachable(host: HTMLElement, core: Core, victims: readonly Key[], accounts: readonly Key[], keep: (reach: ReachOf) => void): void {
  const { words } = core;
  const { zone } = core.options;
  openDialog(host, words("reachable"), words("close"), (dialog) => {
    const body = el("div", { class: "rt-reach", role: "status" });
    const rule = choice([["own_first", words("ruleOwn")], ["traced_first", words("ruleTraced")]], core.state.reach?.rule ?? "own_first");
    const asOf = el("input", { type: "datetime-local", class: "rt-input", step: 1, value: core.state.asOf ? zonedText(core.state.asOf.atMs, zone) : "" });
    const ask = () => {
      fill(body, words("loading"));
      core.api.reachable(victims.map((key) => pairOf(key)[1]), accounts.map((key) => pairOf(key)[1]), rule.value, zonedMs(asOf.value, zone))
        .then((found) => fill(body, ...answer(core, found)), (error: unknown) => fill(body, el("p", { class: "rt-bad" }, error instanceof Error ? error.message : String(error))));
    };
    rule.addEventListener("change", ask);
    asOf.addEventListener("change", ask);
    ask();
    return [el("p", {}, words("reachOf", { names: victims.map((key) => core.name(key)).slice(0, 4).join(", "), n: count(accounts.length) })), el("div", { class: "rt-pair" }, field(words("rule"), rule), field(words("asOfTime"), asOf)), body,
      el("div", { class: "rt-row rt-foot" }, button(words("reachKeep"), () => { dialog.close(); keep({ victims, rule: rule.value as ReachOf["rule"] }); }, { class: "rt-btn rt-primary" }))];
  }, { wide: true });
}

function answer(core: Core, found: Reachable): HTMLElement[] {
  const { words } = core;
  const sums = (totals: Readonly<Record<string, number>>) => Object.entries(totals).map(([currency, minor]) => money(minor, currency)).join(" + ") || "0";
  const within: Record<string, number> = {};
  for (const row of found.accounts) if (row.reachable) within[row.currency] = (within[row.currency] ?? 0) + row.left_minor;
  const rows = found.accounts.map((row) => {
    const pick = () => core.select([keyOf("Account", row.account_id)]);
    return el("tr", { class: row.reachable ? "" : "rt-dim" }, el("td", {}, button(visible(row.name), pick, { class: "rt-link" }), el("small", {}, ` ${visible(row.institution)}`)), el("td", { class: "rt-num" }, money(row.in_minor, row.currency)), el("td", { class: "rt-num" }, money(row.out_minor, row.currency)),
      el("td", { class: "rt-num" }, el("b", {}, money(row.left_minor, row.currency))), el("td", {}, row.reachable ? `✓ ${words("canStop")}` : `✗ ${whyNot(core.words, row.why)}`), el("td", { class: "rt-nowrap" }, time(row.last_ms, core.options.zone)));
  });
  const notes = [found.assumed_opening ? words("openingUnknown", { n: count(found.assumed_opening) }) : "", ...found.omitted].filter(Boolean);
  return [
    el("dl", { class: "rt-facts rt-flow-facts" }, el("dt", {}, words("taken")), el("dd", {}, sums(found.taken)), el("dt", {}, words("withinReach")), el("dd", { class: "rt-strong" }, sums(within)), el("dt", {}, words("leftAccounts")), el("dd", {}, sums(found.outside))),
    el("div", { class: "rt-table-scroll rt-reach-table" }, el("table", { class: "rt-table-grid" }, el("thead", {}, el("tr", {}, ...[words("account"), words("tracedIn"), words("tracedOut"), words("stillThere"), words("stopOrder"), words("last")].map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, ...rows))),
    ...notes.map((line) => el("p", { class: "rt-note" }, line)),
    el("p", { class: "rt-note" }, words("reachRule")),
  ];
}

/** Why an order could not catch it, in the reader's words. */
export function whyNot(words: Words, why: string): string {
  const known: Readonly<Record<string, Word>> = { "nothing left": "whyNothingLeft", "withdrawn as cash": "whyCash", "blocked already": "whyBlocked", "account frozen": "whyFrozen", "account closed": "whyClosed" };
  const word = known[why];
  return word ? words(word) : why;
}
