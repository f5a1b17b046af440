/** What is brought from the store: search hits, findings, expansions, ways, money trails. Each ends in one command. */
import type { Member, PathChoice, TraceChoice } from "./api";
import type { Arranging } from "./arranging";
import { shownOf, type Bring } from "./commands";
import type { Core } from "./core";
import type { Asked } from "./cypher";
import { count, visible } from "./format";
import { schemaName } from "./i18n";
import type { LayoutName } from "./layout/kinds";
import type { Ghost } from "./state";
import { keyOf, nodeKey, relKey, type GroupCount, type Hit, type Key, type Remainder, type Subgraph } from "./types";
import { chooseExpansion, choiceOf, type Expansion } from "./ui/expand";

/** Up to so many neighbours a double click brings without asking. */
const AT_ONCE = 50;
/** Neighbours of so many selected nodes are brought at once. */
const MANY_ROOTS = 20;
/** Lines of a pasted list that are looked up. */
const MOST_PASTED = 100;

export class Loading {
  constructor(private readonly core: Core, private readonly arranging: Arranging, private readonly over: HTMLElement, private readonly titled: (title: string, url: string) => void) {}

  async finding(id: string): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const [found, { title, members }] = await Promise.all([core.api.finding(id), core.api.findingHead(id)]);
      const known = withRoles(found, members);
      core.run({ do: "bring", name: "aAdd", found: [known], asked: { what: "finding", id } });
      this.arranging.arrange(known.nodes.some((node) => typeof node.properties["layer"] === "number") ? "layers" : "force", true);
      const said = visible(title);
      this.titled(said, core.options.findingUrl.replace("__id__", encodeURIComponent(id)));
      core.say(core.words(known.rels.length ? "finding" : "findingAlone", { title: said }));
    });
  }

  async keys(keys: readonly Key[]): Promise<void> {
    const { core } = this;
    if (!keys.length) return;
    await core.working(core.words("loading"), async () => {
      core.run({ do: "bring", name: "aAdd", found: [await core.api.between(keys)], asked: { what: "nodes", keys } });
      this.arranging.arrange("force", true);
      core.select(keys.length === 1 ? keys : []);
      core.say("");
      if (keys.length === 1) await this.expand(keys[0]!, true);
    });
  }

  async hit(hit: Hit): Promise<void> {
    const { core } = this;
    const key = keyOf(hit.label, hit.id);
    if (core.state.nodes.has(key)) {
      if (core.state.hidden.has(key)) core.run({ do: "restore", keys: [key] });
      core.say(core.words("there", { name: core.name(key) }));
      core.renderer.locate(key);
    } else {
      await core.working(core.words("loading"), async () => {
        const found = await core.api.between([key, ...core.state.nodes.keys()].slice(0, 5000));
        this.bring({ do: "bring", name: "aAdd", found: [found], asked: { what: "nodes", keys: [key] } });
        core.say(core.words("searchAdded", { name: core.name(key) }));
      });
    }
    core.select([key]);
  }

  /** A pasted list: what is found by exactly its id, number or name comes, the rest is said. */
  async pasted(texts: readonly string[]): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const asked = texts.slice(0, MOST_PASTED);
      const keys: Key[] = [];
      const missing: string[] = [];
      for (const text of asked) {
        const { hits } = await core.api.search(text);
        const exact = hits.filter((hit) => [hit.id, hit.name].some((known) => known?.toLowerCase() === text.toLowerCase()));
        const found = exact.length ? exact : hits.length === 1 ? hits : [];
        if (found.length) keys.push(...found.map((hit) => keyOf(hit.label, hit.id)));
        else missing.push(visible(text));
      }
      if (keys.length) {
        const all = [...new Set([...keys, ...core.state.nodes.keys()])].slice(0, 5000);
        this.bring({ do: "bring", name: "aAdd", found: [await core.api.between(all)], asked: { what: "nodes", keys } });
        core.select(keys);
      }
      const left = texts.length > asked.length ? core.words("pasteCut", { n: count(asked.length), all: count(texts.length) }) : "";
      const lacking = missing.length ? core.words("pasteMissing", { n: count(missing.length), names: missing.slice(0, 5).join(", ") + (missing.length > 5 ? " …" : "") }) : "";
      core.say([core.words("pasted", { n: count(new Set(keys).size), all: count(asked.length) }), lacking, left].filter(Boolean).join(" "), !keys.length);
    });
  }

  /** Run a bringing command and give what is new a place; returns how much came. */
  bring(command: Bring, layout?: LayoutName): { nodes: number; rels: number } {
    const { core } = this;
    const before = core.state;
    core.run(command);
    const fresh = [...core.state.nodes.keys()].filter((key) => !before.nodes.has(key));
    if (layout) this.arranging.arrange(layout, true);
    else this.arranging.settleNew(fresh);
    return { nodes: fresh.length, rels: core.state.rels.size - before.rels.size };
  }

  /** Count first; with `direct` few neighbours come without asking. */
  async expand(key: Key, direct: boolean): Promise<void> {
    const { core } = this;
    const { words } = core;
    await core.working(words("counting"), async () => {
      let groups: readonly GroupCount[] | null = null;
      try {
        groups = await core.api.neighbours(key);
      } catch (error) {
        if ((error as { code?: string }).code !== "query_budget") throw error;
      }
      const plain = groups?.filter((group) => group.rel !== "INVOLVES");
      const total = plain?.reduce((sum, group) => sum + group.count, 0) ?? Infinity;
      core.say("");
      const few = direct && total > 0 && total <= AT_ONCE;
      if (few) await this.expandBy(key, { groups: plain!, order: "latest", limit: AT_ONCE, narrow: {}, whole: true });
      else void this.ask(key, groups);
    });
  }

  /** A person chooses what of the counted to bring: meanwhile nothing is at work. */
  private async ask(key: Key, groups: readonly GroupCount[] | null, only?: Pick<Remainder, "rel" | "direction" | "other_label">): Promise<void> {
    const { core } = this;
    const ask = { api: core.api, words: core.words, zone: core.options.zone, key, name: core.name(key), groups, ...(only ? { only } : {}) };
    const choice = await chooseExpansion(this.over, ask);
    if (choice) await core.working(core.words("loading"), () => this.expandBy(key, choice));
  }

  /** More of what a connector stands for. */
  async more(item: Remainder): Promise<void> {
    const { core } = this;
    await core.working(core.words("counting"), async () => {
      const only = { rel: item.rel, direction: item.direction, other_label: item.other_label };
      const groups = await core.api.neighbours(item.root);
      core.say("");
      void this.ask(item.root, groups, only);
    });
  }

  async expandBy(key: Key, choice: Expansion): Promise<void> {
    const { core } = this;
    const { words } = core;
    const asks = choice.whole ? [{ limit: choice.limit, order: choice.order, ...choice.narrow }] : choice.groups.map((group) => choiceOf(group, choice.order, choice.limit, choice.narrow));
    const answers = await Promise.all(asks.map((ask) => core.api.expand(key, ask)));
    const remainders = choice.groups.map((group): Remainder => ({ root: key, rel: group.rel, direction: group.direction, other_label: group.other_label, total: group.count, others: group.others ?? 0 }));
    const text = choice.groups.map((group) => `${group.direction === "in" ? "←" : "→"} ${schemaName(words, group.rel)}`).join(", ");
    const ways = choice.groups.map((group) => ({ rel: group.rel, direction: group.direction, other_label: group.other_label }));
    const asked: Asked = { what: "expand", key, ways, order: choice.order, limit: choice.limit, narrow: choice.narrow };
    const came = this.bring({ do: "bring", name: "aExpand", found: answers.map((one) => ({ ...one, omitted: [] })), near: key, remainders, expansion: text, asked });
    this.sayCame(came, remainders);
  }

  private sayCame(came: { nodes: number; rels: number }, remainders: readonly Remainder[]): void {
    const { core } = this;
    const { words } = core;
    const limits = remainders.flatMap((item) => {
      const shown = shownOf(core.state, item);
      return shown < item.total ? [words("groupShowing", { name: core.name(item.root), n: count(shown), all: count(item.total), rel: schemaName(words, item.rel) })] : [];
    });
    const head = came.nodes || came.rels ? words("added", { n: count(came.nodes), m: count(came.rels) }) : words("addedNone");
    core.say([head, ...limits.slice(0, 2), limits.length ? words("limitNext") : ""].filter(Boolean).join(" · "));
  }

  /** Neighbours of everything selected: up to so many each, the rest as connectors. */
  async neighbours(keys: readonly Key[]): Promise<void> {
    const { core } = this;
    if (keys.length === 1) return this.expand(keys[0]!, true);
    await core.working(core.words("counting"), async () => {
      const roots = keys.slice(0, MANY_ROOTS);
      const found: Subgraph[] = [];
      const remainders: Remainder[] = [];
      for (const key of roots) {
        const groups = (await core.api.neighbours(key)).filter((group) => group.rel !== "INVOLVES");
        found.push({ ...(await core.api.expand(key, { limit: AT_ONCE, order: "amount" })), omitted: [] });
        remainders.push(...groups.map((group) => ({ root: key, rel: group.rel, direction: group.direction, other_label: group.other_label, total: group.count, others: group.others ?? 0 })));
      }
      const limits = keys.length > roots.length ? [core.words("rootsCut", { n: roots.length, all: count(keys.length) })] : [];
      const came = this.bring({ do: "bring", name: "aNeighbours", found, remainders, limits, asked: { what: "nodes", keys: roots } });
      this.sayCame(came, remainders);
      if (limits[0]) core.say(limits[0]);
    });
  }

  /** Shortest ways between the selected nodes; when there is none, that is said plainly with the next step. */
  async paths(pairs: readonly (readonly [Key, Key])[], choice: PathChoice, reverse: boolean): Promise<number> {
    const { core } = this;
    const { words } = core;
    let found = 0;
    await core.working(words("loading"), async () => {
      const all: Subgraph[] = [];
      let asked: Asked | undefined;
      for (const pair of pairs) {
        const [start, end] = reverse ? [pair[1], pair[0]] : pair;
        all.push(...(await core.api.paths(start, end, choice)));
        asked ??= { what: "paths", start, end, via: choice.via, hops: choice.max_hops, directed: choice.directed, rels: choice.rels };
      }
      found = all.length;
      if (!all.length) {
        const next = choice.directed ? words("noPathDirected") : choice.max_hops < 8 ? words("noPathMore") : words("noPathEnd");
        return core.say(`${words("noPath", { n: choice.max_hops })} ${next}`);
      }
      const path = all.flatMap((one) => one.rels.map(relKey));
      this.bring({ do: "bring", name: "aPath", found: all, path, ...(asked ? { asked } : {}) });
      core.say(words("pathFound", { n: all.length, m: all[0]!.rels.length }));
    });
    return found;
  }

  /** Follow money from the selection, then show it in money mode. */
  async trace(starts: readonly Key[], choice: TraceChoice): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const found = await core.api.trace(starts, choice);
      if (!found.rels.length) return core.say(core.words(choice.direction === "down" ? "traceNone" : "traceNoneUp"));
      const asked: Asked = { what: "trace", starts, direction: choice.direction, hops: choice.hops, min_minor: choice.min_minor };
      const came = this.bring({ do: "bring", name: choice.direction === "down" ? "aDown" : "aUp", found: [shifted(found, core)], asked, mode: "flow" }, "layers");
      core.say([core.words("added", { n: count(came.nodes), m: count(came.rels) }), ...(found.omitted ?? []).slice(0, 2)].join(" · "));
    });
  }

  /** A piece of the graph with ghosts: a file, a saved query's answer, a saved view. */
  async graph(found: Subgraph, ghosts: readonly { label: string; id: string; why: Ghost }[], asked?: Asked): Promise<void> {
    const stubs = ghosts.map((ghost) => ({ label: ghost.label, id: ghost.id, properties: {} }));
    const marked = ghosts.map((ghost) => [keyOf(ghost.label, ghost.id), ghost.why] as const);
    this.bring({ do: "bring", name: "aAdd", found: [{ ...found, nodes: [...found.nodes, ...stubs] }], ghosts: marked, ...(asked ? { asked } : {}) });
  }
}

/** Layers of a trace that starts inside the picture go on from the start's own layer. */
function shifted(found: Subgraph, core: Core): Subgraph {
  const start = found.nodes.find((node) => node.properties["layer"] === 0);
  const base = start && core.state.nodes.get(nodeKey(start))?.properties["layer"];
  if (typeof base !== "number" || base === 0) return found;
  return { ...found, nodes: found.nodes.map((node) => ({ ...node, properties: { ...node.properties, layer: Number(node.properties["layer"]) + base } })) };
}

/** Nodes of a finding carry their role, layer and score in it. */
function withRoles(found: Subgraph, members: readonly Member[]): Subgraph {
  const roles = new Map(members.map((member) => [nodeKey(member), member]));
  const nodes = found.nodes.map((node) => {
    const member = roles.get(nodeKey(node));
    if (!member) return node;
    const { role, layer, score } = member;
    return { ...node, properties: { ...node.properties, ...(role ? { role } : {}), ...(typeof layer === "number" ? { layer } : {}), ...(typeof score === "number" ? { score } : {}) } };
  });
  return { ...found, nodes };
}
