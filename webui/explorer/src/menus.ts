/** Right-click menus of nodes, lines, the selection and the canvas, made from the list of actions. */
import type { MenuQuery } from "./api";
import { ACTIONS, type Where } from "./actions";
import type { Core } from "./core";
import { count } from "./format";
import { schemaName } from "./i18n";
import { LAYOUTS, type LayoutName } from "./layout/kinds";
import { openMenu, type MenuItem } from "./ui/menu";
import type { Key } from "./types";
import { pairOf } from "./types";

export interface MenuHooks {
  readonly run: (id: string) => void;
  readonly layout: (name: LayoutName) => void;
  readonly query: (query: MenuQuery, key: Key) => void;
}

interface At {
  readonly x: number;
  readonly y: number;
}

export class Menus {
  private readonly queries = new Map<string, readonly MenuQuery[]>();

  constructor(private readonly core: Core, private readonly hooks: MenuHooks) {}

  private items(where: Where): MenuItem[] {
    const { core, hooks } = this;
    return ACTIONS.filter((action) => action.where.includes(where)).map((action) => {
      const why = action.why(core);
      return { text: core.words(action.word), ...(action.key ? { key: action.key } : {}), why: why && core.words(why), action: () => hooks.run(action.id) };
    });
  }

  async node(key: Key, at: At): Promise<void> {
    const { core } = this;
    const group = core.view.groups.get(key);
    if (group) {
      const open = () => core.run({ do: "openGroup", id: group.id });
      return openMenu([{ text: core.words("groupOpen"), action: open }, { text: core.words("groupSelect"), action: () => core.select([key]) }], at, core.name(key));
    }
    const many = core.picked.size > 1;
    const [label] = pairOf(key);
    const closable = [...core.state.openGroups];
    const close = closable.map((id): MenuItem => ({ text: core.words("groupClose", { name: id.slice(0, 24) }), action: () => core.run({ do: "openGroup", id }) }));
    const mine = many ? [] : await this.queriesFor(label);
    const own = mine.map((query): MenuItem => ({ text: query.title, action: () => this.hooks.query(query, key) }));
    openMenu([...this.items(many ? "selection" : "node"), ...(close.length ? [null, ...close] : []), ...(own.length ? [null, ...own] : [])], at, many ? core.words("selectedN", { n: count(core.picked.size) }) : core.name(key));
  }

  /** Saved queries offered for a label, asked for once. */
  private async queriesFor(label: string): Promise<readonly MenuQuery[]> {
    const { core } = this;
    if (!core.options.may.has("cypher.run")) return [];
    const known = this.queries.get(label);
    if (known) return known;
    const found = await core.api.menuQueries(label).catch(() => []);
    this.queries.set(label, found);
    return found;
  }

  line(key: Key, at: At): void {
    const { core } = this;
    const line = core.view.lines.get(key);
    if (!line) return;
    const kind = schemaName(core.words, line.type);
    openMenu([...this.items("line"), null,
      { text: `${core.words("hide")}: ${kind}`, action: () => core.run({ do: "legend", kind: "offTypes", item: line.type }) },
      { text: core.words("selectEnds"), action: () => core.select([line.start, line.end]) },
      { text: core.name(line.start), action: () => core.select([line.start]) }, { text: core.name(line.end), action: () => core.select([line.end]) }], at, kind);
  }

  canvas(at: At, current: LayoutName): void {
    const { core } = this;
    const layouts = LAYOUTS.map((name): MenuItem => ({ text: `${core.words("layout")}: ${core.words(name)}`, checked: name === current, action: () => this.hooks.layout(name) }));
    openMenu([...this.items("canvas"), null, ...layouts], at, core.words("canvas"));
  }
}
