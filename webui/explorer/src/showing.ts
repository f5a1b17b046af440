/** Shows what the core holds: the drawing, the panels beside it, the status line, and that the page is at work. */
import type { Core } from "./core";
import type { Reaching } from "./reaching";
import { count, time } from "./format";
import { sceneOf } from "./scene";
import type { Shell } from "./shell";
import { themeOf, type Theme } from "./style";
import type { Details } from "./ui/details";
import type { Filters } from "./ui/filters";
import type { FlowBar } from "./ui/flowbar";
import type { Legend } from "./ui/legend";
import { reachLegend } from "./ui/reach";
import type { Tables } from "./ui/table";
import { viewOf } from "./view";

export interface Panels {
  readonly legend: Legend;
  readonly filters: Filters;
  readonly details: Details;
  readonly tables: Tables;
  readonly flowBar: FlowBar;
}

export class Showing {
  theme: Theme;
  /** Whether the keyboard has been in the explorer. */
  private entered = false;

  constructor(private readonly core: Core, private readonly host: HTMLElement, private readonly shell: Shell, private readonly panels: Panels, private readonly reaching: Reaching) {
    this.theme = themeOf(host);
    host.addEventListener("focusin", () => (this.entered = true));
    new MutationObserver(() => this.retheme()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  }

  /** The page says that it is at work: for screen readers, and for whoever drives it. */
  busy(what: string): void {
    if (what) this.host.dataset["busy"] = what;
    else delete this.host.dataset["busy"];
    this.shell.stage.setAttribute("aria-busy", String(what !== ""));
  }

  /** Draw the state. `all` false leaves the panels for a filter under the hand. */
  refresh(all = true): void {
    const { core } = this;
    const { words } = core;
    const state = core.shown;
    core.view = viewOf(state);
    core.reach = this.reaching.look(state);
    core.picked = new Set([...core.picked].filter((key) => core.view.nodes.has(key)));
    core.pickedLines = new Set([...core.pickedLines].filter((key) => core.view.lines.has(key)));
    this.draw();
    const { nodes, lines, filteredRels, filteredNodes, otherCurrency, notMoney } = core.view;
    const shownRels = [...lines.values()].reduce((sum, line) => sum + line.rels.length, 0);
    const totals = words("counts", { n: count(nodes.size), m: count(shownRels) });
    const left = filteredRels || filteredNodes ? words("filteredOut", { n: count(filteredNodes), m: count(filteredRels) }) : "";
    const other = otherCurrency ? words("otherCurrency", { n: count(otherCurrency) }) : "";
    this.shell.sayCounts([left, other, notMoney ? words("notMoney", { n: count(notMoney) }) : "", totals].filter(Boolean).join(" · "));
    this.shell.stage.setAttribute("aria-label", words("graph", { n: count(nodes.size), m: count(shownRels) }));
    this.shell.empty.hidden = state.nodes.size > 0;
    this.panels.filters.show(state);
    this.panels.flowBar.element.hidden = state.mode !== "flow";
    this.panels.tables.show(core.view, core.picked, core.pickedLines, core.reach);
    if (!all) return;
    this.panels.legend.show(state, core.view, reachLegend(core, this.reaching));
    this.panels.details.show(state, core.view, [...core.picked], [...core.pickedLines], core.reach);
    this.shell.sayLimits(this.limitLines());
    this.shell.sayStanding(this.standing());
    this.shell.show();
  }

  private standing(): { text: string; end: string; stop(): void }[] {
    const { core } = this;
    const { words, state } = core;
    const found = [];
    if (state.asOf) {
      const at = time(state.asOf.atMs, core.options.zone);
      const text = `${words("asOfNow", { at })}: ${words(state.asOf.kind === "happened" ? "asOfHappened" : "asOfKnown")}`;
      found.push({ text, end: words("asOfToday"), stop: () => core.run({ do: "asOf", asOf: null }) });
    }
    if (state.diff.size) {
      const n = (change: string) => count([...state.diff.values()].filter((one) => one === change).length);
      found.push({ text: words("compared", { a: n("added"), b: n("gone"), c: n("changed") }), end: words("compareEnd"), stop: () => core.run({ do: "diff", diff: [] }) });
    }
    return found;
  }

  private limitLines(): string[] {
    const { core } = this;
    const ghosts = core.state.ghosts.size;
    return [...core.state.omitted, ...[...core.state.remainders.values()].map((item) => core.words("remainderLine", { name: core.name(item.root), all: count(item.total), rel: item.rel })), ...(ghosts ? [core.words("ghosts", { n: count(ghosts) })] : [])];
  }

  draw(): void {
    const { core } = this;
    const shown = { labels: core.labels, amounts: core.amounts, nodes: core.picked, lines: core.pickedLines, ground: core.shown.ground, reach: core.reach };
    core.renderer.draw(sceneOf(core.shown, core.view, shown, core.words, this.theme));
    this.host.dataset["nodes"] = String(core.view.nodes.size);
    this.host.dataset["lines"] = String(core.view.lines.size);
  }

  selected(): void {
    const { core } = this;
    this.draw();
    this.panels.details.show(core.state, core.view, [...core.picked], [...core.pickedLines], core.reach);
    this.panels.tables.show(core.view, core.picked, core.pickedLines, core.reach);
    this.shell.show();
  }

  /** A button that goes away or grey must not take the keyboard with it; on another page the arrows are the page's until somebody comes in. */
  keepKeyboard(): void {
    const now = document.activeElement;
    if ((now === document.body && (this.entered || !this.core.options.embedded)) || (now instanceof HTMLButtonElement && now.disabled)) this.shell.stage.focus({ preventScroll: true });
  }

  /** What draws changed, or how: say which it is, and draw anew. */
  again(): void {
    this.host.dataset["renderer"] = this.core.renderer.kind;
    this.draw();
  }

  private retheme(): void {
    this.theme = themeOf(this.host);
    this.core.renderer.setTheme(this.theme);
    this.draw();
  }
}
