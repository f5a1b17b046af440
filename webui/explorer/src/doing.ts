/** What each action of the list and each control of the toolbar does. */
import { BY_ID } from "./actions";
import type { MenuQuery, SavedView } from "./api";
import type { Arranging } from "./arranging";
import type { Core } from "./core";
import { cypherOfView } from "./cypher";
import { exportMenu, importFile } from "./exporting";
import { count } from "./format";
import type { Loading } from "./loading";
import type { Commands, Shell } from "./shell";
import type { Showing } from "./showing";
import * as change from "./state";
import type { Filter, GroupBy, Look, Mode } from "./state";
import { isMoney } from "./style";
import { trailOf } from "./trail";
import { pairOf, relKey, type Key, type RelData } from "./types";
import type { Details } from "./ui/details";
import type { FlowBar } from "./ui/flowbar";
import { startLasso } from "./ui/lasso";
import { cypherOfCommand, showHelp, showHistory, showLimits } from "./ui/lists";
import { openMenu, type MenuItem } from "./ui/menu";
import { askNote } from "./ui/notes";
import { askPaths } from "./ui/paths";
import type { SearchBox } from "./ui/search";
import type { Tables } from "./ui/table";
import { askTrace, showReachable } from "./ui/trace";
import type { Views } from "./ui/views";

interface Parts {
  readonly shell: Shell;
  readonly showing: Showing;
  readonly arranging: Arranging;
  readonly loading: Loading;
  readonly details: Details;
  readonly tables: Tables;
  readonly flowBar: FlowBar;
  readonly search: SearchBox;
  readonly views: Views;
}

export class Doing {
  private parts!: Parts;
  private openView: SavedView | null = null;

  constructor(private readonly core: Core) {}

  /** Panels ask for actions, and actions for panels: they meet here. */
  attach(parts: Parts): void {
    this.parts = parts;
  }

  get current(): SavedView | null {
    return this.openView;
  }

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
    undo: () => this.stepped(() => this.core.undo(), this.core.words("undone", { what: this.core.undoName() ?? "" })),
    redo: () => this.stepped(() => this.core.redo(), this.core.words("redone", { what: this.core.redoName() ?? "" })),
    fit: () => this.core.renderer.fit(),
    locate: () => this.core.renderer.locate(this.core.real[0]!),
    expand: () => void this.parts.loading.expand(this.core.real[0]!, false),
    neighbours: () => void this.parts.loading.neighbours(this.core.real),
    collapse: () => this.collapse(),
    inspect: () => this.inspect(),
    down: () => this.follow("down"),
    up: () => this.follow("up"),
    reachable: () => this.reach(),
    path: () => askPaths(this.parts.shell.over, this.core, this.core.real, ({ pairs, choice, reverse }) => this.parts.loading.paths(pairs, choice, reverse)),
    trail: () => this.trail([...this.core.pickedLines].flatMap((key) => this.core.view.lines.get(key)?.rels ?? []).filter((rel) => isMoney(rel.type))),
    note: () => askNote(this.parts.shell.over, this.core),
    pin: () => this.core.run({ do: "pin", keys: this.core.real }),
    hide: () => this.core.run({ do: "hide", keys: this.core.real }),
    show: () => this.core.run({ do: "restore", keys: [...this.core.state.hidden] }),
    remove: () => this.remove(),
    selectKind: () => this.selectKind(),
    selectAll: () => this.core.select(this.core.view.nodes.keys()),
    others: () => this.core.select([...this.core.view.nodes.keys()].filter((key) => !this.core.picked.has(key))),
    page: () => void window.open(this.core.pageOf(this.core.real[0]!), "_blank"),
    copy: () => void this.copy(),
    lasso: () => startLasso(this.parts.shell.over, this.core, this.parts.showing.theme.select),
    flow: () => this.setMode(this.core.state.mode === "flow" ? "network" : "flow"),
    fold: () => this.core.run({ do: "fold", on: !this.core.state.fold }),
    legend: () => this.parts.shell.element.classList.toggle("rt-no-left"),
    table: () => this.toggleTable(),
    names: () => this.screenshotMode(),
    cypher: () => this.openCypher(cypherOfView(this.core.state, this.core.view)),
    history: () => showHistory(this.parts.shell.over, this.core, (command) => this.openCypher(cypherOfCommand(this.core, command, () => cypherOfView(this.core.state, this.core.view)))),
    search: () => this.parts.search.input.focus(),
    help: () => showHelp(this.parts.shell.over, this.core),
    escape: () => this.core.select([]),
  };

  private stepped(step: () => void, said: string): void {
    this.parts.arranging.stop();
    this.parts.flowBar.pause();
    step();
    this.core.say(said);
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

  /** Ids of the selection, one a line: for a form, a search or a sheet. */
  private async copy(): Promise<void> {
    const { core } = this;
    const ids = core.real.map((key) => pairOf(key)[1]);
    // a page that did not come over HTTPS has no clipboard
    const written = (navigator.clipboard as Clipboard | undefined)?.writeText(ids.join("\n")) ?? Promise.reject(new Error());
    await written.then(() => core.say(core.words("copied", { n: count(ids.length) })), () => core.say(core.words("copyFailed"), true));
  }

  private inspect(): void {
    this.parts.shell.element.classList.remove("rt-no-right");
    this.parts.details.element.scrollTop = 0;
    this.parts.details.element.focus();
  }

  private follow(direction: "down" | "up"): void {
    const starts = this.core.real.filter((key) => /^(Account|Wallet):/.test(key));
    askTrace(this.parts.shell.over, this.core, direction, (choice) => void this.parts.loading.trace(starts, choice));
  }

  private reach(): void {
    const { core } = this;
    const victims = core.real.filter((key) => key.startsWith("Account:"));
    const others = [...core.view.nodes.keys()].filter((key) => key.startsWith("Account:") && core.state.nodes.has(key) && !victims.includes(key));
    if (!others.length) return core.say(core.words("reachNone"), true);
    showReachable(this.parts.shell.over, core, victims, others.slice(0, 500), (reach) => {
      core.reachOn = true;
      const fresh = core.state.mode !== "flow";
      core.run({ do: "reach", reach, mode: "flow" });
      if (fresh) this.parts.arranging.arrange("layers", true);
    });
    if (others.length > 500) core.say(core.words("showing", { n: 500, all: count(others.length) }));
  }

  /** Draw strong what can have fed these transfers and what they can have fed, of what is drawn. */
  trail(chosen: readonly RelData[]): void {
    const { core } = this;
    const drawn = [...core.view.lines.values()].flatMap((line) => line.rels);
    const { up, down, untimed } = trailOf(drawn, chosen);
    core.run({ do: "trail", rels: [...up, ...chosen.map(relKey), ...down] });
    core.say([core.words("trailSaid", { up: count(up.size), down: count(down.size) }), untimed ? core.words("trailUntimed", { n: count(untimed) }) : ""].filter(Boolean).join(" "));
  }

  private setMode(mode: Mode): void {
    const { core } = this;
    if (core.state.mode === mode) return;
    core.run({ do: "mode", mode });
    this.parts.arranging.arrange(mode === "flow" ? "layers" : "force", true);
    if (core.view.notMoney) core.say(core.words("notMoney", { n: count(core.view.notMoney) }));
  }

  private toggleTable(): void {
    this.parts.shell.element.classList.toggle("rt-no-right");
    if (!this.parts.shell.element.classList.contains("rt-no-right")) this.parts.tables.focus();
  }

  /** Names, amounts and the panels' text out of sight, for a picture that shows nobody. */
  private screenshotMode(): void {
    const on = this.parts.shell.element.classList.toggle("rt-private");
    this.core.labels = !on;
    this.core.amounts = !on;
    this.parts.showing.draw();
    this.parts.shell.show();
    this.core.say(this.core.words(on ? "screenshotOn" : "screenshotOff"));
  }

  private openCypher(text: { cypher: string; params: object }): void {
    // Ids do not go into an address, where logs would keep them: the console's page reads this once.
    sessionStorage.setItem("ringtrace-cypher", JSON.stringify({ cypher: text.cypher, params: text.params }));
    window.open("/console", "_blank");
  }

  async runQuery(query: MenuQuery, key: Key): Promise<void> {
    const { core } = this;
    const params = { [query.parameter]: pairOf(key)[1] };
    await core.working(core.words("loading"), async () => {
      const found = await core.api.cypher(query.cypher, params);
      const came = this.parts.loading.bring({ do: "bring", name: "aQuery", found: [{ ...found.subgraph, omitted: found.truncated ? [core.words("queryCut", { title: query.title, n: count(found.rows.length) })] : [] }], near: key, asked: { what: "cypher", text: { cypher: query.cypher, params } } });
      core.say(`${query.title}: ${came.nodes || came.rels ? core.words("added", { n: count(came.nodes), m: count(came.rels) }) : core.words("addedNone")}`);
    });
  }

  filter(filter: Filter, done: boolean): void {
    this.parts.flowBar.pause();
    if (done) return this.core.run({ do: "filter", filter });
    this.core.preview = filter;
    this.parts.showing.refresh(false);
  }

  legendClicked(kind: "offLabels" | "offTypes", item: string, only: boolean): void {
    const all = [...(kind === "offLabels" ? this.core.view.labelCounts : this.core.view.typeCounts).keys()];
    this.core.run(only ? { do: "only", kind, item, all } : { do: "legend", kind, item });
  }

  /** What the toolbar can ask for. */
  commands(): Commands {
    return {
      run: (id: string) => this.run(id),
      zoom: (factor: number) => this.core.renderer.zoom(factor),
      layout: (name: Parameters<Arranging["arrange"]>[0]) => this.parts.arranging.arrange(name),
      labels: (on: boolean) => { this.core.labels = on; this.parts.showing.draw(); },
      amounts: (on: boolean) => { this.core.amounts = on; this.parts.showing.draw(); },
      group: (by: GroupBy) => this.group(by),
      look: (look: Look) => this.core.run({ do: "look", look }),
      mode: (mode: Mode) => this.setMode(mode),
      clear: () => this.clear(),
      hiddenMenu: (at: { x: number; y: number }) => this.hiddenMenu(at),
      exportMenu: (at: { x: number; y: number }) => void exportMenu(this.core, at, this.openView?.title ?? "", (file) => this.imported(file)),
      viewsMenu: (at: { x: number; y: number }) => this.viewsMenu(at),
      limits: () => showLimits(this.parts.shell.over, this.core, (item) => void this.parts.loading.more(item)),
    };
  }

  private group(by: GroupBy): void {
    const { core } = this;
    core.run({ do: "group", by });
    if (by && !core.view.groups.size) core.say(core.words("groupNothing"), true);
  }

  private imported(file: File): void {
    void importFile(this.core, this.parts.loading, file);
  }

  private viewsMenu(at: { x: number; y: number }): void {
    const { core } = this;
    const none = core.state.nodes.size ? null : core.words("whyEmpty");
    const mine = this.openView?.mine ? null : core.words("whyNotMine");
    openMenu([
      { text: core.words("viewSave"), why: none, action: () => this.parts.views.save(false) }, { text: core.words("viewCopy"), why: none, action: () => this.parts.views.save(true) },
      { text: core.words("share"), why: mine, action: () => this.parts.views.share(this.openView!) }, null,
      { text: core.words("viewsOpen"), action: () => this.parts.views.list() }, { text: core.words("openDraft"), action: () => void this.parts.views.openDraft() }, null,
      { text: core.words("asOfTitle"), why: none, action: () => this.parts.views.times() }, { text: core.words("history"), why: core.history.log.commands.length ? null : core.words("undoNone"), action: () => this.run("history") },
    ], at, core.words("views"));
  }

  viewOpened(view: SavedView | null, readOnly: boolean): void {
    this.openView = view;
    this.parts.shell.titled(view ? `${view.title}${readOnly ? ` · ${this.core.words("readOnly", { owner: view.owner })}` : ""}` : "");
    const address = new URL(location.href);
    if (address.pathname !== "/explorer") return;
    address.search = view ? `?view=${encodeURIComponent(view.id)}` : "";
    window.history.replaceState(null, "", address);
  }

  private clear(): void {
    const { core } = this;
    if (!core.state.nodes.size) return core.say(`${core.words("clear")}: ${core.words("whyEmpty")}`, true);
    core.run({ do: "clear" });
    this.viewOpened(null, false);
  }

  private hiddenMenu(at: { x: number; y: number }): void {
    const { core } = this;
    if (!core.state.hidden.size) return core.say(core.words("whyNoHidden"), true);
    const keys = [...core.state.hidden];
    const rows = keys.slice(0, 20).map((key): MenuItem => ({ text: `${core.words("restore")}: ${core.name(key)}`, action: () => core.run({ do: "restore", keys: [key] }) }));
    openMenu([{ text: core.words("restoreAll"), action: () => this.run("show") }, null, ...rows], at, keys.length > 20 ? core.words("showing", { n: 20, all: count(keys.length) }) : undefined);
  }
}
