/** The explorer of one page element: puts the core, the drawing, the panels and what a reader does together. */
import { Arranging } from "./arranging";
import { Autosave } from "./autosave";
import { Core, type Options } from "./core";
import { documentOf } from "./document";
import { Doing } from "./doing";
import { wordsFor } from "./i18n";
import { Listening } from "./listening";
import { Loading } from "./loading";
import { Reaching } from "./reaching";
import { Menus } from "./menus";
import { openRenderer } from "./render/choosing";
import { Shell } from "./shell";
import { Showing } from "./showing";
import * as change from "./state";
import { nodeKey, type Key, type Place, type Subgraph } from "./types";
import { Details } from "./ui/details";
import { el } from "./ui/dom";
import { Filters } from "./ui/filters";
import { FlowBar } from "./ui/flowbar";
import { install as installKeys } from "./ui/keys";
import { Legend } from "./ui/legend";
import { Minimap } from "./ui/minimap";
import { SearchBox } from "./ui/search";
import { Tables } from "./ui/table";
import { Views } from "./ui/views";
import { walk } from "./walking";

export class Explorer {
  readonly core: Core;
  private readonly loading: Loading;
  private readonly views: Views;

  constructor(host: HTMLElement, options: Options) {
    const core = (this.core = new Core(wordsFor(options.language, options.names), options));
    const { words } = core;
    const doing = new Doing(core);
    const search = new SearchBox(core.api, words, (hit) => void this.loading.hit(hit).then(() => shell.stage.focus({ preventScroll: true })), (texts) => void this.loading.pasted(texts), (error) => core.failed(error));
    const flowBar = new FlowBar(core);
    const filters = new Filters(words, options.zone, () => core.state.filter, (filter, done) => doing.filter(filter, done), flowBar.element);
    const shell = new Shell(core, doing.commands(), search.element, filters.timeline, { draft: () => void this.views.openDraft(), list: () => this.views.list() });
    const legend = new Legend(words, (kind, item, only) => doing.legendClicked(kind, item, only));
    const details = new Details(words, options.zone, {
      select: (nodes, lines) => core.select(nodes, lines), expand: (key) => void this.loading.expand(key, false), locate: (key) => core.renderer.locate(key),
      page: (key) => core.pageOf(key), note: () => doing.run("note"), unnote: (id) => core.run({ do: "unnote", id }), trail: (rel) => doing.trail([rel]),
    });
    const tables = new Tables(words, options.zone, (kind, key, add) => listening.pick(kind, key, add), (kind, key) => core.renderer.locate(kind === "nodes" ? key : core.view.lines.get(key)!.start));
    shell.left.append(el("h3", {}, words("legend")), legend.element, filters.side);
    shell.right.append(details.element, tables.element);
    host.replaceChildren(shell.element);
    const showing = new Showing(core, host, shell, { legend, filters, details, tables, flowBar }, new Reaching(core));
    const listening = new Listening(core, shell.stage, showing);
    core.renderer = openRenderer(shell.stage, showing.theme, listening, options.plain);
    const minimap = new Minimap(core, () => showing.theme, words("minimap"));
    shell.over.append(minimap.element);
    const arranging = new Arranging(core);
    this.loading = new Loading(core, arranging, shell.over, (title, url) => options.embedded || shell.titled(title, url));
    const menus = new Menus(core, { run: (id) => doing.run(id), layout: (name) => arranging.arrange(name), query: (query, key) => void doing.runQuery(query, key) });
    this.views = new Views(core, shell.over, {
      current: () => doing.current, opened: (view, readOnly) => doing.viewOpened(view, readOnly),
      ground: (state) => arranging.groundOf(state),
    });
    doing.attach({ shell, showing, arranging, loading: this.loading, details, tables, flowBar, search, views: this.views });
    listening.attach({ loading: this.loading, arranging, menus, minimap });
    core.attach({
      say: (text, bad) => shell.say(text, bad), changed: (all) => showing.refresh(all), selected: () => showing.selected(), keepKeyboard: () => showing.keepKeyboard(), busy: (what) => showing.busy(what),
    });
    shell.stage.addEventListener("contextmenu", (event) => event.preventDefault());
    installKeys(shell.element, shell.stage, (id) => doing.run(id), (key, add) => walk(core, key, add));
    if (!options.embedded) new Autosave(core, () => documentOf(core));
    showing.refresh();
    showing.again();
    showing.busy("");
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

  /** For tests: where a node is on the page. */
  screen(label: string, id: string): { x: number; y: number } | null {
    return this.core.renderer.screen(nodeKey({ label, id }));
  }
}
