/** The explorer of one page element: joins state, history, drawing, panels and the API. */
import { Api, Problem, type Member } from "./api";
import { caption, count } from "./format";
import { History } from "./history";
import { schemaName, wordsFor, type Word, type Words } from "./i18n";
import { circle, layered, radial, type LayoutName } from "./layout/kinds";
import { ForceRun } from "./layout/run";
import { CanvasRenderer } from "./render/canvas";
import { hasWebGL2, type Listener, type Pointer, type Renderer } from "./render/renderer";
import { WebGLRenderer } from "./render/webgl";
import { sceneOf } from "./scene";
import { Shell } from "./shell";
import * as change from "./state";
import { EMPTY, type Filter, type State } from "./state";
import { themeOf, type Theme } from "./style";
import { keyOf, nodeKey, pairOf, relKey, type Hit, type Key, type Place, type Subgraph } from "./types";
import { Details } from "./ui/details";
import { button, el } from "./ui/dom";
import { chooseExpansion, choiceOf } from "./ui/expand";
import { Filters } from "./ui/filters";
import { install as installKeys } from "./ui/keys";
import { Legend } from "./ui/legend";
import { openMenu, type MenuItem } from "./ui/menu";
import { SearchBox } from "./ui/search";
import { Tables } from "./ui/table";
import { viewOf, type View } from "./view";
import { saveExport } from "./exporting";

/** Up to so many neighbours a double click brings without asking. */
const AT_ONCE = 50;
const FALLBACK_COMFORT = 2000;
const MAX_HOPS = 6;

export interface Options {
  readonly language: string;
  readonly zone: string;
  readonly findingUrl: string;
  /** Draw without WebGL even where there is one. */
  readonly plain: boolean;
}

export class Explorer implements Listener {
  readonly words: Words;
  private readonly api = new Api();
  private readonly history = new History<State>(EMPTY);
  private readonly shell: Shell;
  private readonly renderer: Renderer;
  private readonly legend: Legend;
  private readonly filters: Filters;
  private readonly details: Details;
  private readonly tables: Tables;
  private readonly search: SearchBox;
  private readonly force = new ForceRun();
  private theme: Theme;
  private view: View = viewOf(EMPTY);
  private preview: Filter | null = null;
  private picked = new Set<Key>();
  private pickedLines = new Set<Key>();
  private labels = true;
  private amounts = true;

  constructor(private readonly host: HTMLElement, options: Options) {
    this.words = wordsFor(options.language);
    const fail = (error: unknown) => this.failed(error);
    this.search = new SearchBox(this.api, this.words, (hit) => void this.addHit(hit), fail);
    this.filters = new Filters(this.words, options.zone, () => this.state.filter, (filter, done) => this.filter(filter, done));
    this.shell = new Shell(this.words, this.commands(), this.search.element, this.filters.timeline);
    this.legend = new Legend(this.words, (kind, name) => this.commit({ ...this.state, [kind]: change.toggled(this.state[kind], name) }, "aLegend"));
    this.details = new Details(this.words, options.zone, {
      select: (nodes, lines) => this.select(nodes, lines),
      expand: (key) => void this.expand(key, false),
      locate: (key) => this.renderer.locate(key),
      findingUrl: (id) => (options.findingUrl ? options.findingUrl.replace("__id__", encodeURIComponent(id)) : null),
    });
    this.tables = new Tables(this.words, options.zone, (kind, key, add) => this.pick(kind, key, add), (kind, key) => this.renderer.locate(kind === "nodes" ? key : this.view.lines.get(key)!.start));
    this.shell.left.append(el("h3", {}, this.words("legend")), this.legend.element, this.filters.amounts);
    this.shell.right.append(this.details.element, this.tables.element);
    host.replaceChildren(this.shell.element);
    this.theme = themeOf(host);
    this.renderer = !options.plain && hasWebGL2() ? new WebGLRenderer(this.shell.stage, this.theme, this) : new CanvasRenderer(this.shell.stage, this.theme, this);
    host.dataset["renderer"] = this.renderer.kind;
    if (this.renderer.kind === "canvas") this.shell.say(this.words("fallback", { n: count(FALLBACK_COMFORT) }));
    this.shell.stage.addEventListener("contextmenu", (event) => event.preventDefault());
    new MutationObserver(() => this.retheme()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    installKeys(this.shell.element, this.shell.stage, { ...this.commands(), search: () => this.search.input.focus(), remove: () => this.removePicked(), deselect: () => this.select([], []), toggleLabels: () => this.setLabels(!this.labels) });
    this.refresh();
  }

  get state(): State {
    return this.history.state;
  }

  // ---- loading

  async loadFinding(id: string): Promise<void> {
    await this.working(this.words("loading"), async () => {
      const [found, members] = await Promise.all([this.api.finding(id), this.api.members(id)]);
      const known = withRoles(found, members);
      this.commit(change.merge(this.state, known), "aAdd");
      this.arrange(known.nodes.some((node) => typeof node.properties["layer"] === "number") ? "layers" : "force", true);
      this.shell.say(this.words("finding", { id }));
    });
  }

  async loadKeys(keys: readonly Key[]): Promise<void> {
    if (!keys.length) return;
    await this.working(this.words("loading"), async () => {
      this.commit(change.merge(this.state, await this.api.between(keys)), "aAdd");
      this.arrange("force", true);
      this.select(keys.length === 1 ? keys : [], []);
      if (keys.length === 1) await this.expand(keys[0]!, true);
    });
  }

  private async addHit(hit: Hit): Promise<void> {
    const key = keyOf(hit.label, hit.id);
    if (this.state.nodes.has(key)) {
      if (this.state.hidden.has(key)) this.commit(change.restore(this.state, [key]), "aRestore");
      this.shell.say(this.words("there", { name: this.name(key) }));
    } else {
      await this.working(this.words("loading"), async () => {
        const found = await this.api.between([key, ...this.state.nodes.keys()]);
        const known = new Set(this.state.nodes.keys());
        this.commit(change.merge(this.state, found), "aAdd");
        this.settleNew([...this.state.nodes.keys()].filter((each) => !known.has(each)));
        this.shell.say(this.words("searchAdded", { name: this.name(key) }));
      });
    }
    this.select([key], []);
    this.shell.stage.focus({ preventScroll: true });
  }

  /** Count first; with `direct` few neighbours come without asking. */
  async expand(key: Key, direct: boolean): Promise<void> {
    await this.working(this.words("counting"), async () => {
      const groups = await this.api.neighbours(key);
      const total = groups.reduce((sum, group) => sum + group.count, 0);
      this.shell.say("");
      const few = direct && total > 0 && total <= AT_ONCE;
      const choice = few ? { groups, order: "latest", limit: AT_ONCE } : await chooseExpansion(this.shell.over, this.words, this.name(key), groups);
      this.shell.stage.focus({ preventScroll: true });
      if (!choice) return;
      const answers = await Promise.all(choice.groups.map((group) => this.api.expand(key, choiceOf(group, choice.order, choice.limit))));
      const limits = choice.groups.flatMap((group, index) => {
        const got = answers[index]!.rels.filter((rel) => rel.type === group.rel).length;
        return got < group.count ? [this.words("groupShowing", { name: this.name(key), n: count(got), all: count(group.count), rel: schemaName(this.words, group.rel) })] : [];
      });
      this.add(key, answers, limits);
    });
  }

  private add(key: Key, answers: readonly Subgraph[], limits: readonly string[]): void {
    const before = this.state;
    let next = before;
    for (const answer of answers) next = change.merge(next, { ...answer, omitted: [] }, key);
    next = { ...next, omitted: [...new Set([...before.omitted, ...limits])] };
    const [nodes, rels] = [next.nodes.size - before.nodes.size, next.rels.size - before.rels.size];
    if (!nodes && !rels) return this.shell.say(this.words("addedNone"));
    this.commit(next, "aExpand");
    this.settleNew([...next.nodes.keys()].filter((each) => !before.nodes.has(each)));
    this.shell.say([this.words("added", { n: count(nodes), m: count(rels) }), ...limits].join(" · "));
  }

  private async findPath(directed: boolean): Promise<void> {
    const [start, end] = [...this.picked];
    if (!start || !end || this.picked.size !== 2) return this.shell.say(this.words("selectTwo"), true);
    await this.working(this.words("loading"), async () => {
      const paths = await this.api.paths(start, end, directed, MAX_HOPS);
      if (!paths.length) return this.shell.say(this.words("noPath", { n: MAX_HOPS }));
      const known = new Set(this.state.nodes.keys());
      let next = this.state;
      for (const path of paths) next = change.merge(next, path);
      this.commit({ ...next, path: new Set(paths.flatMap((path) => path.rels.map(relKey))) }, "aPath");
      this.settleNew([...next.nodes.keys()].filter((key) => !known.has(key)));
      this.shell.say(this.words("pathFound", { n: paths.length, m: paths[0]!.rels.length }));
    });
  }

  // ---- changing

  private commit(state: State, name: Word): void {
    this.force.stop();
    this.preview = null;
    this.history.push(state, this.words(name));
    this.refresh();
    this.keepKeyboard();
  }

  /** A button that goes away or grey must not take the keyboard with it. */
  private keepKeyboard(): void {
    const at = document.activeElement;
    if (at === document.body || (at instanceof HTMLButtonElement && at.disabled)) this.shell.stage.focus({ preventScroll: true });
  }

  private filter(filter: Filter, done: boolean): void {
    if (done) return this.commit({ ...this.state, filter }, "aFilter");
    this.preview = filter;
    this.refresh(false);
  }

  private step(moved: boolean): void {
    this.force.stop();
    this.preview = null;
    if (!moved) return;
    this.refresh();
    this.keepKeyboard();
  }

  private collapse(key: Key): void {
    const gone = change.collapsible(this.state, key);
    if (!gone.length) return this.shell.say(this.words("collapseNone"));
    this.commit(change.remove(this.state, gone), "aCollapse");
    this.shell.say(this.words("collapsed", { n: count(gone.length) }));
  }

  private removePicked(): void {
    if (!this.picked.size) return;
    const gone = [...this.picked];
    this.commit(change.remove(this.state, gone), "aRemove");
    this.select([], []);
    this.shell.say(this.words("collapsed", { n: count(gone.length) }));
  }

  private hidePicked(): void {
    if (!this.picked.size) return this.shell.say(this.words("nothing"), true);
    this.commit(change.hide(this.state, this.picked), "aHide");
    this.select([], []);
  }

  private pinPicked(): void {
    if (!this.picked.size) return this.shell.say(this.words("nothing"), true);
    this.commit(change.togglePins(this.state, [...this.picked]), "aPin");
  }

  // ---- layout

  /** Lay out all that is drawn; pinned nodes stay. With `amend` it belongs to the action before it. */
  private arrange(name: LayoutName, amend = false): void {
    this.shell.showLayout(name);
    const { nodes, lines } = this.view;
    if (!nodes.size) return;
    if (name === "force") return this.settle(new Set(this.state.pinned), amend);
    const root = [...this.picked][0] ?? [...nodes.keys()][0]!;
    const places = name === "layers" ? layered(nodes, [...lines.values()], this.state.rels.values()) : name === "radial" ? radial(nodes, lines.values(), root) : circle(nodes);
    for (const key of this.state.pinned) places.delete(key);
    const next = change.move(this.state, places);
    if (amend) this.history.amend(next);
    else this.history.push(next, this.words("aLayout"));
    this.refresh();
    this.renderer.fit();
  }

  /** New nodes find their place; what was there stays where the reader remembers it. */
  private settleNew(fresh: readonly Key[]): void {
    if (!fresh.length) return;
    const all = this.state.nodes.size;
    const stay = fresh.length >= all - 1 ? new Set(this.state.pinned) : new Set([...this.state.nodes.keys()].filter((key) => !fresh.includes(key)));
    this.settle(stay, true);
  }

  private settle(fixed: ReadonlySet<Key>, amend: boolean): void {
    const keys = [...this.view.nodes.keys()];
    const index = new Map(keys.map((key, i) => [key, i]));
    const places = keys.map((key) => this.state.places.get(key)!);
    const edges = [...this.view.lines.values()].map((line): [number, number, number] => [index.get(line.start)!, index.get(line.end)!, 1]);
    if (!amend) this.history.push(this.state, this.words("aLayout"));
    this.host.dataset["busy"] = "layout";
    const task = { xs: places.map((p) => p.x), ys: places.map((p) => p.y), sizes: keys.map(() => 14), fixed: keys.map((key) => fixed.has(key)), edges };
    this.force.start(keys, task, (moved, done) => {
      this.history.amend(change.move(this.state, moved));
      this.renderer.move(moved);
      if (!done) return;
      delete this.host.dataset["busy"];
      this.refresh();
      this.renderer.fit();
    }, () => this.shell.say("layout-worker.js", true));
  }

  // ---- showing

  /** Draw the state. `all` false leaves the panels for a filter under the hand. */
  private refresh(all = true): void {
    const state = this.preview ? { ...this.state, filter: this.preview } : this.state;
    if (!this.force.running) delete this.host.dataset["busy"];
    this.view = viewOf(state);
    this.picked = new Set([...this.picked].filter((key) => this.view.nodes.has(key)));
    this.pickedLines = new Set([...this.pickedLines].filter((key) => this.view.lines.has(key)));
    this.draw(state);
    const { nodes, lines, filteredRels, filteredNodes, otherCurrency } = this.view;
    const shownRels = [...lines.values()].reduce((sum, line) => sum + line.rels.length, 0);
    const totals = this.words("counts", { n: count(nodes.size), m: count(shownRels) });
    const left = filteredRels ? this.words("filteredOut", { n: count(filteredNodes), m: count(filteredRels) }) : "";
    const other = otherCurrency ? this.words("otherCurrency", { n: count(otherCurrency) }) : "";
    this.shell.sayCounts([left, other, totals].filter(Boolean).join(" · "));
    this.shell.stage.setAttribute("aria-label", this.words("graph", { n: count(nodes.size), m: count(shownRels) }));
    this.shell.empty.hidden = state.nodes.size > 0;
    this.filters.show(state);
    this.tables.show(this.view, this.picked, this.pickedLines);
    if (!all) return;
    this.legend.show(state, this.view);
    this.details.show(state, this.view, [...this.picked], [...this.pickedLines]);
    this.shell.sayLimits(state.omitted);
    this.shell.showHistory(this.history.undoName, this.history.redoName);
    this.shell.showHidden(state.hidden.size);
  }

  private draw(state: State = this.state): void {
    const shown = { labels: this.labels, amounts: this.amounts, nodes: this.picked, lines: this.pickedLines };
    this.renderer.draw(sceneOf(state, this.view, shown, this.words, this.theme));
    this.host.dataset["nodes"] = String(this.view.nodes.size);
    this.host.dataset["lines"] = String(this.view.lines.size);
  }

  select(nodes: readonly Key[], lines: readonly Key[]): void {
    this.picked = new Set(nodes.filter((key) => this.view.nodes.has(key)));
    this.pickedLines = new Set(lines.filter((key) => this.view.lines.has(key)));
    this.draw();
    this.details.show(this.state, this.view, [...this.picked], [...this.pickedLines]);
    this.tables.show(this.view, this.picked, this.pickedLines);
  }

  private pick(kind: "nodes" | "lines", key: Key, add: boolean): void {
    const set = kind === "nodes" ? this.picked : this.pickedLines;
    const next = add ? change.toggled(set, key) : new Set([key]);
    const [nodes, lines] = kind === "nodes" ? [next, add ? this.pickedLines : []] : [add ? this.picked : [], next];
    this.select([...nodes], [...lines]);
  }

  private setLabels(on: boolean): void {
    this.labels = on;
    this.draw();
  }

  private retheme(): void {
    this.theme = themeOf(this.host);
    this.renderer.setTheme(this.theme);
    this.draw();
  }

  private name(key: Key): string {
    const node = this.state.nodes.get(key);
    return node ? caption(node) : pairOf(key)[1];
  }

  private async working(text: string, job: () => Promise<void>): Promise<void> {
    this.shell.say(text);
    try {
      await job();
    } catch (error) {
      this.failed(error);
    }
    if (this.shell.element.querySelector(".rt-status-text")?.textContent === text) this.shell.say("");
  }

  private failed(error: unknown): void {
    this.shell.say(error instanceof Problem || error instanceof Error ? error.message : String(error), true);
  }

  // ---- Listener: gestures on the stage

  node(key: Key, at: Pointer): void {
    this.pick("nodes", key, at.add);
  }

  nodeTwice(key: Key): void {
    void this.expand(key, true);
  }

  line(key: Key, at: Pointer): void {
    this.pick("lines", key, at.add);
  }

  stage(at: Pointer): void {
    if (!at.add) this.select([], []);
  }

  dragged(key: Key, to: Place): void {
    this.commit(change.move(this.state, new Map([[key, to]])), "aMove");
  }

  nodeMenu(key: Key, at: Pointer): void {
    if (!this.picked.has(key)) this.select([key], []);
    const { words } = this;
    const label = this.view.nodes.get(key)!.label;
    const two = this.picked.size === 2;
    openMenu([
      { text: words("expand"), key: "E", action: () => void this.expand(key, false) },
      { text: words("collapse"), action: () => this.collapse(key) },
      null,
      { text: words(this.state.pinned.has(key) ? "unpin" : "pin"), key: "P", action: () => this.pinPicked() },
      { text: words("hide"), key: "H", action: () => this.hidePicked() },
      { text: words("remove"), key: "Del", action: () => this.removePicked() },
      { text: words("selectAll"), action: () => this.select([...this.view.nodes].filter(([, node]) => node.label === label).map(([each]) => each), []) },
      null,
      { text: words("pathMoney"), off: !two, action: () => void this.findPath(true) },
      { text: words("pathAny"), off: !two, action: () => void this.findPath(false) },
      { text: words("locate"), action: () => this.renderer.locate(key) },
    ], at, this.name(key));
  }

  lineMenu(key: Key, at: Pointer): void {
    this.select([], [key]);
    const line = this.view.lines.get(key);
    if (!line) return;
    openMenu([
      { text: this.words("details"), action: () => this.select([], [key]) },
      { text: `${this.words("hide")}: ${schemaName(this.words, line.type)}`, action: () => this.commit({ ...this.state, offTypes: change.toggled(this.state.offTypes, line.type) }, "aLegend") },
      { text: this.name(line.start), action: () => this.select([line.start], []) },
      { text: this.name(line.end), action: () => this.select([line.end], []) },
    ], at, schemaName(this.words, line.type));
  }

  stageMenu(at: Pointer): void {
    const layouts = (["force", "layers", "radial", "circle"] as const).map((name): MenuItem => ({ text: `${this.words("layout")}: ${this.words(name)}`, action: () => this.arrange(name) }));
    openMenu([{ text: this.words("fit"), key: "F", action: () => this.renderer.fit() }, ...layouts, null, { text: this.words("restoreAll"), off: !this.state.hidden.size, action: () => this.restoreAll() }], at);
  }

  private restoreAll(): void {
    this.commit(change.restore(this.state, this.state.hidden), "aRestore");
  }

  private commands() {
    return {
      undo: () => this.step(this.history.undo()),
      redo: () => this.step(this.history.redo()),
      fit: () => this.renderer.fit(),
      locate: () => { for (const key of [...this.picked].slice(0, 1)) this.renderer.locate(key); },
      zoom: (factor: number) => this.renderer.zoom(factor),
      layout: (name: LayoutName) => this.arrange(name),
      labels: (on: boolean) => this.setLabels(on),
      amounts: (on: boolean) => { this.amounts = on; this.draw(); },
      expand: () => { const [key] = this.picked; if (key) void this.expand(key, false); else this.shell.say(this.words("nothing"), true); },
      pin: () => this.pinPicked(),
      hide: () => this.hidePicked(),
      path: () => void this.findPath(false),
      clear: () => { if (this.state.nodes.size) this.commit({ ...EMPTY }, "aClear"); },
      hiddenMenu: (at: { x: number; y: number }) => this.hiddenMenu(at),
      exportMenu: (at: { x: number; y: number }) => void this.exportMenu(at),
      help: () => this.help(),
    };
  }

  private hiddenMenu(at: { x: number; y: number }): void {
    const keys = [...this.state.hidden];
    const rows = keys.slice(0, 20).map((key): MenuItem => ({ text: `${this.words("restore")}: ${this.name(key)}`, action: () => this.commit(change.restore(this.state, [key]), "aRestore") }));
    const title = keys.length > 20 ? this.words("showing", { n: 20, all: count(keys.length) }) : undefined;
    openMenu([{ text: this.words("restoreAll"), action: () => this.restoreAll() }, null, ...rows], at, title);
  }

  private async exportMenu(at: { x: number; y: number }): Promise<void> {
    if (!this.view.nodes.size) return this.shell.say(this.words("exportEmpty"), true);
    await this.working(this.words("loading"), async () => {
      const formats = await this.api.exports();
      openMenu(formats.map((format) => ({ text: format.title, action: () => void this.export(format.name, format.suffix ?? "") })), at, this.words("export"));
    });
  }

  private async export(format: string, suffix: string): Promise<void> {
    await this.working(this.words("exporting"), async () => {
      const title = [...this.view.nodes.values()].find((node) => node.label === "Finding");
      const name = await saveExport(this.api, format, suffix, title ? caption(title, 120) : "Ringtrace", this.state, this.view);
      this.shell.say(this.words("exported", { name }));
    });
  }

  private help(): void {
    this.shell.over.querySelector(".rt-dialog")?.remove();
    const box = el("div", { class: "rt-dialog", role: "dialog", "aria-label": this.words("help") }, el("h3", {}, this.words("help")),
      el("ul", { class: "rt-help" }, ...this.words("helpText").split(/ · |(?<=[.。]) ?/).filter(Boolean).map((line) => el("li", {}, line))), button(this.words("close"), () => box.remove()));
    this.shell.over.append(box);
    box.querySelector("button")?.focus();
  }

  /** For tests: where a node is on the page. */
  screen(label: string, id: string): { x: number; y: number } | null {
    return this.renderer.screen(nodeKey({ label, id }));
  }
}

/** Nodes of a finding carry their role and layer in it. */
function withRoles(found: Subgraph, members: readonly Member[]): Subgraph {
  const roles = new Map(members.map((member) => [nodeKey(member), member]));
  const nodes = found.nodes.map((node) => {
    const member = roles.get(nodeKey(node));
    if (!member) return node;
    const { role, layer } = member;
    return { ...node, properties: { ...node.properties, ...(role ? { role } : {}), ...(typeof layer === "number" ? { layer } : {}) } };
  });
  return { ...found, nodes };
}
