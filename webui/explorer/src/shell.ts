/** The explorer's frame: toolbar above, legend left, stage in the middle, details and table right, status below. */
import { BY_ID } from "./actions";
import type { Core } from "./core";
import type { Word } from "./i18n";
import { LAYOUTS, type LayoutName } from "./layout/kinds";
import { LOOKS, LOOK_WORDS } from "./look";
import type { GroupBy, Look, Mode } from "./state";
import { button, el, fill, iconButton } from "./ui/dom";

/** What the toolbar can ask for, beside the actions of the list. */
export interface Commands {
  run(id: string): void;
  zoom(factor: number): void;
  layout(name: LayoutName): void;
  labels(on: boolean): void;
  amounts(on: boolean): void;
  group(by: GroupBy): void;
  look(look: Look): void;
  mode(mode: Mode): void;
  clear(): void;
  hiddenMenu(at: { x: number; y: number }): void;
  exportMenu(at: { x: number; y: number }): void;
  viewsMenu(at: { x: number; y: number }): void;
  limits(): void;
}

const GROUPS: readonly (readonly [GroupBy, Word])[] = [["", "groupNone"], ["label", "groupLabelBy"], ["community", "groupCommunity"], ["device", "groupDevice"], ["owner", "groupOwner"]];

export class Shell {
  readonly element: HTMLElement;
  readonly stage = el("div", { class: "rt-stage", tabindex: 0, role: "application" });
  readonly empty: HTMLElement;
  readonly left = el("aside", { class: "rt-left" });
  readonly right = el("aside", { class: "rt-right" });
  readonly title = el("span", { class: "rt-view-title" });
  private readonly status = el("span", { role: "status", class: "rt-status-text" });
  private readonly counts = el("span", { class: "rt-note rt-counts" });
  private readonly standing = el("span", { class: "rt-standing" });
  private readonly limits: HTMLButtonElement;
  private readonly actions = new Map<string, HTMLButtonElement>();
  private readonly hidden: HTMLButtonElement;
  private readonly layouts: HTMLSelectElement;
  private readonly groups: HTMLSelectElement;
  private readonly looks: HTMLSelectElement;
  private readonly modes: Record<Mode, HTMLButtonElement>;
  private readonly checks: Record<"labels" | "amounts", HTMLInputElement>;
  private readonly stageBox: HTMLElement;

  constructor(private readonly core: Core, commands: Commands, search: HTMLElement, timeline: HTMLElement, begin: { draft(): void; list(): void }) {
    const { words } = core;
    const under = (event: Event) => {
      const box = (event.currentTarget as Element).getBoundingClientRect();
      return { x: box.left, y: box.bottom + 2 };
    };
    const menu = (word: Word, open: (at: { x: number; y: number }) => void) => el("button", { type: "button", class: "rt-btn", "aria-haspopup": "menu", on: { click: (event: Event) => open(under(event)) } }, `${words(word)} ▾`);
    const act = (id: string, icon?: string) => {
      const action = BY_ID.get(id)!;
      const label = words(action.word) + (action.key ? ` (${action.key})` : "");
      const made = icon ? iconButton(icon, label, () => commands.run(id)) : button(words(action.word), () => commands.run(id), { title: label });
      this.actions.set(id, made);
      return made;
    };
    this.hidden = el("button", { type: "button", class: "rt-btn", on: { click: (event: Event) => commands.hiddenMenu(under(event)) } });
    this.layouts = el("select", { class: "rt-input rt-select", "aria-label": words("layout") }, ...LAYOUTS.map((name) => el("option", { value: name }, words(name))));
    this.layouts.addEventListener("change", () => commands.layout(this.layouts.value as LayoutName));
    this.groups = el("select", { class: "rt-input rt-select", "aria-label": words("groupBy") }, ...GROUPS.map(([by, word]) => el("option", { value: by }, words(word))));
    this.groups.addEventListener("change", () => commands.group(this.groups.value as GroupBy));
    this.looks = el("select", { class: "rt-input rt-select", "aria-label": words("style") }, ...LOOKS.map((look) => el("option", { value: look }, words(LOOK_WORDS[look]))));
    this.looks.addEventListener("change", () => commands.look(this.looks.value as Look));
    this.modes = { network: button(words("modeNetwork"), () => commands.mode("network"), { class: "rt-seg" }), flow: button(words("modeFlow"), () => commands.mode("flow"), { class: "rt-seg" }) };
    this.checks = { labels: box(() => commands.labels(this.checks.labels.checked)), amounts: box(() => commands.amounts(this.checks.amounts.checked)) };
    this.limits = el("button", { type: "button", class: "rt-link rt-limits", on: { click: () => commands.limits() } });
    const again = button(words("layout"), () => commands.layout(this.layouts.value as LayoutName), { title: words("layoutAgain") });
    const bar = el("div", { class: "rt-toolbar", role: "toolbar", "aria-label": words("actions") },
      search, group(act("undo", "undo"), act("redo", "redo")), el("div", { class: "rt-group-box rt-segs", role: "group", "aria-label": words("mode") }, this.modes.network, this.modes.flow), group(again, this.layouts, this.groups, this.looks),
      group(act("fit", "fit"), act("locate", "locate"), iconButton("plus", words("zoomIn"), () => commands.zoom(1.4)), iconButton("minus", words("zoomOut"), () => commands.zoom(1 / 1.4)), act("lasso", "lasso")),
      group(act("expand"), act("path"), act("hide"), this.hidden),
      group(el("label", { class: "rt-check" }, this.checks.labels, words("labels")), el("label", { class: "rt-check" }, this.checks.amounts, words("amounts"))),
      el("span", { class: "rt-grow" }), this.title, group(core.options.embedded ? el("span") : menu("views", commands.viewsMenu), menu("export", commands.exportMenu), iconButton("trash", words("clear"), () => commands.clear()), act("help", "help")));
    const starts = core.options.embedded ? [] : [button(words("openDraft"), () => begin.draft(), { class: "rt-link" }), button(words("viewsOpen"), () => begin.list(), { class: "rt-link" })];
    this.empty = el("div", { class: "rt-empty" }, el("p", {}, words("empty")), el("p", { class: "rt-note" }, words("emptyHow")), el("p", { class: "rt-note" }, words("emptyPaste")), ...starts);
    this.stageBox = el("div", { class: "rt-stage-box" }, this.stage, this.empty);
    const middle = el("div", { class: "rt-middle" }, this.stageBox, timeline);
    const foot = el("div", { class: "rt-status" }, this.status, el("span", { class: "rt-grow" }), this.standing, this.limits, this.counts);
    this.element = el("div", { class: "rt-explorer" }, bar, el("div", { class: "rt-body" }, this.left, middle, this.right), foot);
  }

  /** Where dialogs open. */
  get over(): HTMLElement {
    return this.stageBox;
  }

  say(text: string, bad = false): void {
    this.status.textContent = text;
    this.status.classList.toggle("rt-bad", bad);
  }

  get said(): string {
    return this.status.textContent ?? "";
  }

  /** What is open: a view's name, or a finding's with the way back to its page. */
  titled(text: string, url = ""): void {
    fill(this.title, url ? el("a", { href: url, title: `${this.core.words("openFinding")}: ${text}` }, text) : text);
    if (!url) this.title.title = text;
  }

  /** Limits that left something out stay on screen; a click lists them with the next step. */
  sayLimits(lines: readonly string[]): void {
    this.limits.hidden = !lines.length;
    this.limits.title = lines.join("\n");
    this.limits.textContent = lines.length > 1 ? `⚠ ${lines.at(-1)} (+${lines.length - 1})` : lines[0] ? `⚠ ${lines[0]}` : "";
  }

  /** What makes the picture another than the graph as it is now, for as long as it does; a click ends it. */
  sayStanding(items: readonly { readonly text: string; readonly end: string; stop(): void }[]): void {
    fill(this.standing, ...items.map(({ text, end, stop }) => button(`${text} ✕`, stop, { class: "rt-chip", title: end, "aria-label": `${text}. ${end}` })));
  }

  sayCounts(text: string): void {
    this.counts.textContent = text;
  }

  /** Toolbar as the state has it: what cannot be done says why in its title, and stays reachable by keyboard. */
  show(): void {
    const { core } = this;
    const { words } = core;
    for (const [id, made] of this.actions) {
      const action = BY_ID.get(id)!;
      const why = action.why(core);
      const what = id === "undo" ? core.undoName() : id === "redo" ? core.redoName() : null;
      const label = what !== null ? words(id as "undo" | "redo", { what }) : words(action.word) + (action.key ? ` (${action.key})` : "");
      made.setAttribute("aria-disabled", String(why !== null));
      made.title = why ? `${label}: ${words(why)}` : label;
      made.setAttribute("aria-label", made.textContent ? made.textContent : why ? made.title : label);
    }
    fill(this.hidden, words("hidden", { n: core.state.hidden.size }));
    const none = core.state.hidden.size === 0;
    this.hidden.setAttribute("aria-disabled", String(none));
    this.hidden.title = none ? `${words("hidden", { n: 0 })}: ${words("whyNoHidden")}` : words("restoreAll");
    for (const mode of ["network", "flow"] as const) this.modes[mode].setAttribute("aria-pressed", String(core.state.mode === mode));
    this.layouts.value = core.state.layout;
    this.groups.value = core.state.groupBy;
    this.looks.value = core.state.look;
    this.checks.labels.checked = core.labels;
    this.checks.amounts.checked = core.amounts;
  }
}

function group(...children: HTMLElement[]): HTMLElement {
  return el("div", { class: "rt-group-box" }, ...children);
}

function box(change: () => void): HTMLInputElement {
  return el("input", { type: "checkbox", checked: true, on: { change } });
}
