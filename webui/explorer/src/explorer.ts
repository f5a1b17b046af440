/** The explorer of one page element: joins the core with the drawing, the panels and what a reader does. */
import { BY_ID } from "./actions";
import type { MenuQuery, SavedView } from "./api";
import { Arranging } from "./arranging";
import { Autosave } from "./autosave";
import { Core, type Options } from "./core";
import { cypherOfView } from "./cypher";
import { documentOf } from "./document";
import { exportMenu, importFile } from "./exporting";
import { count } from "./format";
import { wordsFor } from "./i18n";
import { Loading } from "./loading";
import { Menus } from "./menus";
import { CanvasRenderer } from "./render/canvas";
import { hasWebGL2, type Listener, type Pointer } from "./render/renderer";
import { WebGLRenderer } from "./render/webgl";
import { remainderOf, sceneOf } from "./scene";
import { Shell } from "./shell";
import * as change from "./state";
import type { Filter, GroupBy, Mode } from "./state";
import { themeOf, type Theme } from "./style";
import { nodeKey, pairOf, type Key, type Place, type Subgraph } from "./types";
import { Details } from "./ui/details";
import { el } from "./ui/dom";
import { Filters } from "./ui/filters";
import { FlowBar } from "./ui/flowbar";
import { install as installKeys } from "./ui/keys";
import { startLasso } from "./ui/lasso";
import { Legend } from "./ui/legend";
import { cypherOfCommand, showHelp, showHistory, showLimits } from "./ui/lists";
import { openMenu, type MenuItem } from "./ui/menu";
import { Minimap } from "./ui/minimap";
import { askNote } from "./ui/notes";
import { askPaths } from "./ui/paths";
import { SearchBox } from "./ui/search";
import { Tables } from "./ui/table";
import { askTrace, showReachable } from "./ui/trace";
import { Views } from "./ui/views";
import { viewOf } from "./view";
import { walk } from "./walking";

const FALLBACK_COMFORT = 2000;

export class Explorer implements Listener {
  readonly core: Core;
  private readonly shell: Shell;
  private readonly legend: Legend;
  private readonly filters: Filters;
  private readonly details: Details;
  private readonly tables: Tables;
  private readonly search: SearchBox;
  private readonly minimap: Minimap;
  private readonly flowBar: FlowBar;
  private readonly arranging: Arranging;
  private readonly loading: Loading;
  private readonly menus: Menus;
  private readonly views: Views;
  private openView: SavedView | null = null;
  private theme: Theme;

  constructor(private readonly host: HTMLElement, options: Options) {
    const core = (this.core = new Core(wordsFor(options.language), options));
    const { words } = core;
    this.search = new SearchBox(core.api, words, (hit) => void this.loading.hit(hit).then(() => this.shell.stage.focus({ preventScroll: true })), (error) => core.failed(error));
    this.flowBar = new FlowBar(core);
    this.filters = new Filters(words, options.zone, () => core.state.filter, (filter, done) => this.filter(filter, done), this.flowBar.element);
    this.shell = new Shell(core, this.commands(), this.search.element, this.filters.timeline, () => void this.views.openDraft());
    this.legend = new Legend(words, (kind, item, only) => this.legendClicked(kind, item, only));
    this.details = new Details(words, options.zone, {
      select: (nodes, lines) => core.select(nodes, lines), expand: (key) => void this.loading.expand(key, false), locate: (key) => core.renderer.locate(key),
      findingUrl: (id) => (options.findingUrl ? options.findingUrl.replace("__id__", encodeURIComponent(id)) : null), note: () => this.run("note"), unnote: (id) => core.run({ do: "unnote", id }),
    });
    this.tables = new Tables(words, options.zone, (kind, key, add) => this.pick(kind, key, add), (kind, key) => core.renderer.locate(kind === "nodes" ? key : core.view.lines.get(key)!.start));
    this.shell.left.append(el("h3", {}, words("legend")), this.legend.element, this.filters.side);
    this.shell.right.append(this.details.element, this.tables.element);
    host.replaceChildren(this.shell.element);
    this.theme = themeOf(host);
    core.renderer = !options.plain && hasWebGL2() ? new WebGLRenderer(this.shell.stage, this.theme, this) : new CanvasRenderer(this.shell.stage, this.theme, this);
    host.dataset["renderer"] = core.renderer.kind;
    this.minimap = new Minimap(core, () => this.theme, words("minimap"));
    this.shell.over.append(this.minimap.element);
    this.arranging = new Arranging(core, (name) => this.shell.showLayout(name));
    this.loading = new Loading(core, this.arranging, this.shell.over);
    this.menus = new Menus(core, { run: (id) => this.run(id), layout: (name) => this.arranging.arrange(name), query: (query, key) => void this.runQuery(query, key) });
    this.views = new Views(core, this.shell.over, {
      layout: () => this.arranging.current, current: () => this.openView, opened: (view, readOnly) => this.viewOpened(view, readOnly),
      arrangedAs: (document) => { this.arranging.current = document.layout as typeof this.arranging.current; this.shell.showLayout(this.arranging.current); },
    });
    core.attach({
      say: (text, bad) => this.shell.say(text, bad), changed: (all) => this.refresh(all), selected: () => this.selected(), keepKeyboard: () => this.keepKeyboard(),
      busy: (what) => this.showBusy(what),
    });
    if (core.renderer.kind === "canvas") this.shell.say(words("fallback", { n: count(FALLBACK_COMFORT) }));
    this.shell.stage.addEventListener("contextmenu", (event) => event.preventDefault());
    new MutationObserver(() => this.retheme()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    installKeys(this.shell.element, this.shell.stage, (id) => this.run(id), (key, add) => walk(core, key, add));
    if (!options.embedded) new Autosave(core, () => documentOf(core, this.arranging.current));
    this.refresh();
    this.showBusy("");
  }

  // ---- loading, for the page and tests

  loadFinding(id: string): Promise<void> {
    return this.loading.finding(id);
  }

  loadKeys(keys: readonly Key[]): Promise<void> {
    return this.loading.keys(keys);
  }

  loadView(id: string): Promise<void> {
    return this.views.open(id);
  }

  /** A ready graph with places, for the bench. */
  loadGraph(found: Subgraph, places: ReadonlyMap<Key, Place>): void {
    this.core.run({ do: "bring", name: "aAdd", found: [found] });
    this.core.amend(change.move(this.core.state, places));
    this.core.redraw();
    this.core.renderer.fit();
  }

  // ---- actions

  /** Do an action of the list, or say why it cannot be done. */
  run(id: string): void {
    const { core } = this;
    const action = BY_ID.get(id);
    if (!action) return;
    const why = action.why(core);
    if (why) return core.say(`${core.words(action.word)}: ${core.words(why)}`, true);
    this.does[id]?.();
  }

  private readonly does: Record<string, () => void> = {
    undo: () => this.stepped(() => this.core.undo()),
    redo: () => this.stepped(() => this.core.redo()),
    fit: () => this.core.renderer.fit(),
    locate: () => this.core.renderer.locate(this.core.real[0]!),
    expand: () => void this.loading.expand(this.core.real[0]!, false),
    neighbours: () => void this.loading.neighbours(this.core.real),
    collapse: () => this.collapse(),
    inspect: () => this.inspect(),
    down: () => this.follow("down"),
    up: () => this.follow("up"),
    reachable: () => this.reach(),
    path: () => askPaths(this.shell.over, this.core, this.core.real, ({ pairs, choice, reverse }) => this.loading.paths(pairs, choice, reverse)),
    note: () => askNote(this.shell.over, this.core),
    pin: () => this.core.run({ do: "pin", keys: this.core.real }),
    hide: () => this.core.run({ do: "hide", keys: this.core.real }),
    show: () => this.core.run({ do: "restore", keys: [...this.core.state.hidden] }),
    remove: () => this.remove(),
    selectKind: () => this.selectKind(),
    selectAll: () => this.core.select(this.core.view.nodes.keys()),
    lasso: () => startLasso(this.shell.over, this.core, this.theme.select),
    flow: () => this.setMode(this.core.state.mode === "flow" ? "network" : "flow"),
    fold: () => this.core.run({ do: "fold", on: !this.core.state.fold }),
    legend: () => this.shell.element.classList.toggle("rt-no-left"),
    table: () => this.toggleTable(),
    names: () => this.screenshotMode(),
    cypher: () => this.openCypher(cypherOfView(this.core.state, this.core.view)),
    history: () => showHistory(this.shell.over, this.core, (command) => this.openCypher(cypherOfCommand(this.core, command, () => cypherOfView(this.core.state, this.core.view)))),
    search: () => this.search.input.focus(),
    help: () => showHelp(this.shell.over, this.core),
    escape: () => this.core.select([]),
  };

  private stepped(step: () => void): void {
    this.arranging.stop();
    this.flowBar.pause();
    this.core.ground = this.arranging.current === "layers" || this.arranging.current === "map" ? this.core.ground : [];
    step();
  }

  private collapse(): void {
    const { core } = this;
    const ids = core.real.flatMap((key) => change.expansionsOf(core.state, key).slice(-1));
    const before = core.state.nodes.size;
    for (const id of ids) if (core.state.expansions.has(id)) core.run({ do: "collapse", id });
    core.say(core.words("collapsed", { n: count(before - core.state.nodes.size) }));
  }

  private remove(): void {
    const keys = this.core.real;
    this.core.run({ do: "remove", keys });
    this.core.say(this.core.words("collapsed", { n: count(keys.length) }));
  }

  private selectKind(): void {
    const kinds = new Set(this.core.real.map((key) => pairOf(key)[0]));
    this.core.select([...this.core.view.nodes].filter(([, node]) => kinds.has(node.label)).map(([key]) => key));
  }

  private inspect(): void {
    this.shell.element.classList.remove("rt-no-right");
    this.details.element.scrollTop = 0;
    this.details.element.focus();
  }

  private follow(direction: "down" | "up"): void {
    const starts = this.core.real.filter((key) => /^(Account|Wallet):/.test(key));
    askTrace(this.shell.over, this.core, direction, (choice) => void this.loading.trace(starts, choice));
  }

  private reach(): void {
    const { core } = this;
    const victims = core.real.filter((key) => key.startsWith("Account:"));
    const others = [...core.view.nodes.keys()].filter((key) => key.startsWith("Account:") && core.state.nodes.has(key) && !victims.includes(key));
    if (!others.length) return core.say(core.words("reachNone"), true);
    showReachable(this.shell.over, core, victims, others.slice(0, 500));
    if (others.length > 500) core.say(core.words("showing", { n: 500, all: count(others.length) }));
  }

  private setMode(mode: Mode): void {
    const { core } = this;
    if (core.state.mode === mode) return;
    core.run({ do: "mode", mode });
    this.arranging.arrange(mode === "flow" ? "layers" : "force", true);
    if (core.view.notMoney) core.say(core.words("notMoney", { n: count(core.view.notMoney) }));
  }

  private toggleTable(): void {
    this.shell.element.classList.toggle("rt-no-right");
    if (!this.shell.element.classList.contains("rt-no-right")) this.tables.focus();
  }

  /** Names, amounts and the panels' text out of sight, for a picture that shows nobody. */
  private screenshotMode(): void {
    const on = this.shell.element.classList.toggle("rt-private");
    this.core.labels = !on;
    this.core.amounts = !on;
    this.draw();
    this.shell.show();
    this.core.say(this.core.words(on ? "screenshotOn" : "screenshotOff"));
  }

  private openCypher(text: { cypher: string; params: object }): void {
    // Ids do not go into an address, where logs would keep them: the console's page reads this once.
    sessionStorage.setItem("ringtrace-cypher", JSON.stringify({ cypher: text.cypher, params: text.params }));
    window.open("/console", "_blank");
  }

  private async runQuery(query: MenuQuery, key: Key): Promise<void> {
    const { core } = this;
    const params = { [query.parameter]: pairOf(key)[1] };
    await core.working(core.words("loading"), async () => {
      const found = await core.api.cypher(query.cypher, params);
      const came = this.loading.bring({ do: "bring", name: "aQuery", found: [{ ...found.subgraph, omitted: found.truncated ? [core.words("queryCut", { title: query.title, n: count(found.rows.length) })] : [] }], near: key, asked: { what: "cypher", text: { cypher: query.cypher, params } } });
      core.say(`${query.title}: ${came.nodes || came.rels ? core.words("added", { n: count(came.nodes), m: count(came.rels) }) : core.words("addedNone")}`);
    });
  }

  private filter(filter: Filter, done: boolean): void {
    this.flowBar.pause();
    if (done) return this.core.run({ do: "filter", filter });
    this.core.preview = filter;
    this.refresh(false);
  }

  private legendClicked(kind: "offLabels" | "offTypes", item: string, only: boolean): void {
    const all = [...(kind === "offLabels" ? this.core.view.labelCounts : this.core.view.typeCounts).keys()];
    this.core.run(only ? { do: "only", kind, item, all } : { do: "legend", kind, item });
  }

  private commands() {
    return {
      run: (id: string) => this.run(id),
      zoom: (factor: number) => this.core.renderer.zoom(factor),
      layout: (name: Parameters<Arranging["arrange"]>[0]) => this.arranging.arrange(name),
      labels: (on: boolean) => { this.core.labels = on; this.draw(); },
      amounts: (on: boolean) => { this.core.amounts = on; this.draw(); },
      group: (by: GroupBy) => this.group(by),
      mode: (mode: Mode) => this.setMode(mode),
      clear: () => { if (this.core.state.nodes.size) { this.core.run({ do: "clear" }); this.viewOpened(null, false); } },
      hiddenMenu: (at: { x: number; y: number }) => this.hiddenMenu(at),
      exportMenu: (at: { x: number; y: number }) => void exportMenu(this.core, at, this.openView?.title ?? "", (file) => this.imported(file)),
      viewsMenu: (at: { x: number; y: number }) => this.viewsMenu(at),
      limits: () => showLimits(this.shell.over, this.core, (item) => void this.loading.more(item)),
    };
  }

  private group(by: GroupBy): void {
    const { core } = this;
    core.run({ do: "group", by });
    if (by && !core.view.groups.size) core.say(core.words("groupNothing"), true);
  }

  private imported(file: File): void {
    void importFile(this.core, this.loading, file);
  }

  private viewsMenu(at: { x: number; y: number }): void {
    const { core } = this;
    const none = core.state.nodes.size ? null : core.words("whyEmpty");
    const mine = this.openView?.mine ? null : core.words("whyNotMine");
    openMenu([
      { text: core.words("viewSave"), why: none, action: () => this.views.save(false) }, { text: core.words("viewCopy"), why: none, action: () => this.views.save(true) },
      { text: core.words("share"), why: mine, action: () => this.views.share(this.openView!) }, null,
      { text: core.words("viewsOpen"), action: () => this.views.list() }, { text: core.words("openDraft"), action: () => void this.views.openDraft() }, null,
      { text: core.words("asOfTitle"), why: none, action: () => this.views.times() }, { text: core.words("history"), why: core.history.log.commands.length ? null : core.words("undoNone"), action: () => this.run("history") },
    ], at, core.words("views"));
  }

  private viewOpened(view: SavedView | null, readOnly: boolean): void {
    this.openView = view;
    this.shell.title.textContent = view ? `${view.title}${readOnly ? ` · ${this.core.words("readOnly", { owner: view.owner })}` : ""}` : "";
    const address = new URL(location.href);
    if (address.pathname !== "/explorer") return;
    address.search = view ? `?view=${encodeURIComponent(view.id)}` : "";
    window.history.replaceState(null, "", address);
  }

  private hiddenMenu(at: { x: number; y: number }): void {
    const { core } = this;
    const keys = [...core.state.hidden];
    const rows = keys.slice(0, 20).map((key): MenuItem => ({ text: `${core.words("restore")}: ${core.name(key)}`, action: () => core.run({ do: "restore", keys: [key] }) }));
    openMenu([{ text: core.words("restoreAll"), action: () => this.run("show") }, null, ...rows], at, keys.length > 20 ? core.words("showing", { n: 20, all: count(keys.length) }) : undefined);
  }

  // ---- showing

  /** The page says that it is at work: for screen readers, and for whoever drives it. */
  private showBusy(what: string): void {
    if (what) this.host.dataset["busy"] = what;
    else delete this.host.dataset["busy"];
    this.shell.stage.setAttribute("aria-busy", String(what !== ""));
  }

  /** Draw the state. `all` false leaves the panels for a filter under the hand. */
  private refresh(all = true): void {
    const { core } = this;
    const { words } = core;
    const state = core.shown;
    core.view = viewOf(state);
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
    this.filters.show(state);
    this.flowBar.element.hidden = state.mode !== "flow";
    this.tables.show(core.view, core.picked, core.pickedLines);
    if (!all) return;
    this.legend.show(state, core.view);
    this.details.show(state, core.view, [...core.picked], [...core.pickedLines]);
    this.shell.sayLimits(this.limitLines());
    this.shell.show();
  }

  private limitLines(): string[] {
    const { core } = this;
    const ghosts = core.state.ghosts.size;
    return [...core.state.omitted, ...[...core.state.remainders.values()].map((item) => core.words("remainderLine", { name: core.name(item.root), all: count(item.total), rel: item.rel })), ...(ghosts ? [core.words("ghosts", { n: count(ghosts) })] : [])];
  }

  private draw(): void {
    const { core } = this;
    const shown = { labels: core.labels, amounts: core.amounts, nodes: core.picked, lines: core.pickedLines, ground: core.ground };
    core.renderer.draw(sceneOf(core.shown, core.view, shown, core.words, this.theme));
    this.host.dataset["nodes"] = String(core.view.nodes.size);
    this.host.dataset["lines"] = String(core.view.lines.size);
  }

  private selected(): void {
    const { core } = this;
    this.draw();
    this.details.show(core.state, core.view, [...core.picked], [...core.pickedLines]);
    this.tables.show(core.view, core.picked, core.pickedLines);
    this.shell.show();
  }

  /** A button that goes away or grey must not take the keyboard with it. */
  private keepKeyboard(): void {
    const now = document.activeElement;
    if (now === document.body || (now instanceof HTMLButtonElement && now.disabled)) this.shell.stage.focus({ preventScroll: true });
  }

  private pick(kind: "nodes" | "lines", key: Key, add: boolean): void {
    const { core } = this;
    const next = change.toggled(add ? (kind === "nodes" ? core.picked : core.pickedLines) : new Set(), key);
    if (kind === "nodes") core.select(next, add ? core.pickedLines : []);
    else core.select(add ? core.picked : [], next);
  }

  private retheme(): void {
    this.theme = themeOf(this.host);
    this.core.renderer.setTheme(this.theme);
    this.draw();
  }

  // ---- Listener: gestures on the stage

  node(key: Key, at: Pointer): void {
    const rest = remainderOf(this.core.state, key);
    if (rest) void this.loading.more(rest);
    else this.pick("nodes", key, at.add);
  }

  nodeTwice(key: Key): void {
    const { core } = this;
    const group = core.view.groups.get(key);
    if (group) core.run({ do: "openGroup", id: group.id });
    else if (core.state.nodes.has(key) && !core.state.ghosts.has(key)) void this.loading.expand(key, true);
  }

  line(key: Key, at: Pointer): void {
    this.pick("lines", key, at.add);
  }

  stage(at: Pointer): void {
    if (!at.add) this.core.select([]);
  }

  dragged(key: Key, to: Place): void {
    const { core } = this;
    const group = core.view.groups.get(key);
    if (group) {
      const from = group.members.map((member) => core.state.places.get(member) ?? to);
      const [x, y] = [from.reduce((sum, at) => sum + at.x, 0) / from.length, from.reduce((sum, at) => sum + at.y, 0) / from.length];
      return core.run({ do: "move", name: "aMove", places: group.members.map((member, index) => [member, { x: from[index]!.x + to.x - x, y: from[index]!.y + to.y - y }] as const) });
    }
    if (!core.state.nodes.has(key)) return this.draw();
    this.arranging.stop();
    core.run({ do: "move", name: "aMove", places: [[key, to]] });
  }

  nodeMenu(key: Key, at: Pointer): void {
    const rest = remainderOf(this.core.state, key);
    if (rest) return openMenu([{ text: this.core.words("showMore"), action: () => void this.loading.more(rest) }], at);
    if (!this.core.picked.has(key)) this.core.select([key]);
    void this.menus.node(key, at);
  }

  lineMenu(key: Key, at: Pointer): void {
    this.core.select([], [key]);
    this.menus.line(key, at);
  }

  stageMenu(at: Pointer): void {
    this.menus.canvas(at, this.arranging.current);
  }

  looked(): void {
    this.minimap?.ask();
  }

  /** For tests: where a node is on the page. */
  screen(label: string, id: string): { x: number; y: number } | null {
    return this.core.renderer.screen(nodeKey({ label, id }));
  }
}
