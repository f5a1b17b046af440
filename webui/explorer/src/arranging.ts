/** Layouts: whole ones on demand, and places for what has just come. Pinned nodes stay. All are the same every time. */
import { accountsOf } from "./flow";
import { count, time } from "./format";
import type { Core } from "./core";
import { banded } from "./layout/bands";
import { circle, layered, radial, type LayoutName } from "./layout/kinds";
import { mapped } from "./layout/map";
import { ForceRun } from "./layout/run";
import { tree } from "./layout/tree";
import * as change from "./state";
import type { State } from "./state";
import type { Key, Place } from "./types";

export class Arranging {
  private readonly force = new ForceRun();
  /** The layout last asked for: bands and map have a ground that only fits them. */
  current: LayoutName = "force";

  constructor(private readonly core: Core, private readonly shown: (name: LayoutName) => void) {}

  stop(): void {
    this.force.stop();
    this.core.idle("layout");
  }

  /** Lay out all that is drawn. With `amend` it belongs to the action before it. */
  arrange(name: LayoutName, amend = false): void {
    const { core } = this;
    this.stop();
    this.current = name;
    this.shown(name);
    core.ground = [];
    if (!core.view.nodes.size) return;
    if (name === "force") return this.settle(new Set(core.state.pinned), amend);
    const places = this.placesFor(name);
    for (const key of core.state.pinned) places.delete(key);
    this.put(spreadGroups(core.state, core.view.groups, places), amend);
    core.redraw();
    core.renderer.fit();
  }

  private placesFor(name: LayoutName): Map<Key, Place> {
    const { core } = this;
    const { nodes, lines } = core.view;
    if (name === "hierarchy") return tree(nodes, [...lines.values()]);
    if (name === "circle") return circle(nodes);
    if (name === "radial") return radial(nodes, lines.values(), core.real[0] ?? [...nodes.keys()][0]!);
    if (name === "map") {
      const found = mapped(nodes, core.words.language, core.words("regionUnknown"));
      core.ground = found.ground;
      if (found.unknown) core.say(core.words("mapUnknown", { n: count(found.unknown) }));
      return found.places;
    }
    if (core.state.mode !== "flow") return layered(nodes, [...lines.values()], core.state.rels.values());
    const zone = core.options.zone;
    const found = banded(nodes, [...lines.values()], core.state.rels.values(), accountsOf(core.view), (layer, first, last, keys) => {
      const span = Number.isFinite(first) ? `\n${time(first, zone).slice(5, 16)} – ${time(last, zone).slice(5, 16)}` : "";
      const victims = keys.some((key) => core.state.nodes.get(key)?.properties["role"] === "victim");
      return `${core.words(victims ? "bandVictims" : layer === 0 ? "bandStart" : "band", { n: layer })} · ${count(keys.length)}${span}`;
    });
    core.ground = found.ground;
    return found.places;
  }

  private put(places: ReadonlyMap<Key, Place>, amend: boolean): void {
    if (amend) this.core.amend(change.move(this.core.state, places));
    else this.core.run({ do: "move", name: "aLayout", places: [...places] });
  }

  /** New nodes find their place; what was there stays where the reader remembers it. */
  settleNew(fresh: readonly Key[]): void {
    if (!fresh.length) return;
    const { core } = this;
    if (this.current === "layers" || this.current === "map") return this.arrange(this.current, true);
    const all = core.state.nodes.size;
    const known = new Set(fresh);
    const stay = fresh.length >= all - 1 ? new Set(core.state.pinned) : new Set([...core.state.nodes.keys()].filter((key) => !known.has(key)));
    this.settle(stay, true);
  }

  private settle(fixed: ReadonlySet<Key>, amend: boolean): void {
    const { core } = this;
    const keys = [...core.view.nodes.keys()].filter((key) => core.state.places.has(key));
    const index = new Map(keys.map((key, i) => [key, i]));
    const places = keys.map((key) => core.state.places.get(key)!);
    const edges = [...core.view.lines.values()].flatMap((line): [number, number, number][] => {
      const [a, b] = [index.get(line.start), index.get(line.end)];
      return a === undefined || b === undefined ? [] : [[a, b, 1]];
    });
    if (!amend) core.run({ do: "move", name: "aLayout", places: [] });
    core.idle("layout");
    core.occupied("layout");
    const task = { xs: places.map((p) => p.x), ys: places.map((p) => p.y), sizes: keys.map(() => 14), fixed: keys.map((key) => fixed.has(key)), edges };
    this.force.start(keys, task, (moved, done) => {
      core.amend(change.move(core.state, moved));
      core.renderer.move(moved);
      if (!done) return;
      core.idle("layout");
      core.redraw();
      core.renderer.fit();
    }, () => core.say("layout-worker.js", true));
  }
}

/** A closed group's place is its members': they move together, so that opening it finds them there. */
function spreadGroups(state: State, groups: Core["view"]["groups"], places: Map<Key, Place>): Map<Key, Place> {
  for (const [key, group] of groups) {
    const at = places.get(key);
    if (!at) continue;
    places.delete(key);
    const known = group.members.flatMap((member) => state.places.get(member) ?? []);
    const middle = { x: known.reduce((sum, p) => sum + p.x, 0) / (known.length || 1), y: known.reduce((sum, p) => sum + p.y, 0) / (known.length || 1) };
    for (const member of group.members) {
      const old = state.places.get(member);
      if (old) places.set(member, { x: at.x + old.x - middle.x, y: at.y + old.y - middle.y });
    }
  }
  return places;
}
