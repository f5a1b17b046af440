/** Layouts: whole ones on demand, and places for what has just come. Pinned nodes stay. All are the same every time. */
import { accountsOf } from "./flow";
import { count, time } from "./format";
import { arranged, type Arranged } from "./commands";
import type { Core } from "./core";
import { banded } from "./layout/bands";
import { circle, layered, radial, type LayoutName } from "./layout/kinds";
import { mapped } from "./layout/map";
import { ForceRun } from "./layout/run";
import { tree } from "./layout/tree";
import * as change from "./state";
import type { State } from "./state";
import type { Ground } from "./render/renderer";
import type { Key, Place } from "./types";
import { viewOf, type View } from "./view";

export class Arranging {
  private readonly force = new ForceRun();

  constructor(private readonly core: Core) {}

  stop(): void {
    this.force.stop();
    this.core.idle("layout");
  }

  /** Lay out all that is drawn. With `amend` it belongs to the action before it. */
  arrange(name: LayoutName, amend = false): void {
    const { core } = this;
    this.stop();
    if (!core.view.nodes.size) return this.put({ places: [], layout: name, ground: [] }, amend);
    if (name === "force") {
      this.put({ places: [], layout: name, ground: [] }, amend);
      return this.settle(new Set(core.state.pinned));
    }
    const { places, ground, said } = this.placesFor(name, core.state, core.view);
    for (const key of core.state.pinned) places.delete(key);
    this.put({ places: [...spreadGroups(core.state, core.view.groups, places)], layout: name, ground }, amend);
    if (said) core.say(said);
    core.redraw();
    core.renderer.fit();
  }

  /** What lies under a state that stands as its layout made it; nothing where it was moved since. */
  groundOf(state: State): readonly Ground[] {
    if (state.layout !== "map" && !(state.layout === "layers" && state.mode === "flow")) return [];
    const view = viewOf(state);
    const { places, ground } = this.placesFor(state.layout, state, view);
    const there = [...places].filter(([key, at]) => {
      const now = state.places.get(key);
      return now !== undefined && Math.abs(now.x - at.x) < 1 && Math.abs(now.y - at.y) < 1;
    });
    return 2 * there.length > places.size ? ground : [];
  }

  private placesFor(name: LayoutName, state: State, view: View): { places: Map<Key, Place>; ground: readonly Ground[]; said?: string } {
    const { core } = this;
    const { nodes, lines } = view;
    const plain = (places: Map<Key, Place>) => ({ places, ground: [] });
    if (name === "hierarchy") return plain(tree(nodes, [...lines.values()]));
    if (name === "circle") return plain(circle(nodes));
    if (name === "radial") return plain(radial(nodes, lines.values(), core.real[0] ?? [...nodes.keys()][0]!));
    if (name === "map") {
      const { places, ground, unknown } = mapped(nodes, core.words.language, core.words("regionUnknown"));
      return { places, ground, ...(unknown ? { said: core.words("mapUnknown", { n: count(unknown) }) } : {}) };
    }
    if (state.mode !== "flow") return plain(layered(nodes, [...lines.values()], state.rels.values()));
    const zone = core.options.zone;
    return banded(nodes, [...lines.values()], state.rels.values(), accountsOf(view), (layer, first, last, keys) => {
      const span = Number.isFinite(first) ? `\n${time(first, zone).slice(5, 16)} – ${time(last, zone).slice(5, 16)}` : "";
      const victims = keys.some((key) => state.nodes.get(key)?.properties["role"] === "victim");
      return `${core.words(victims ? "bandVictims" : layer === 0 ? "bandStart" : "band", { n: layer })} · ${count(keys.length)}${span}`;
    });
  }

  private put(made: Arranged, amend: boolean): void {
    if (amend) this.core.amend(arranged(this.core.state, made));
    else this.core.run({ do: "move", name: "aLayout", ...made });
  }

  /** New nodes find their place; what was there stays where the reader remembers it. */
  settleNew(fresh: readonly Key[]): void {
    if (!fresh.length) return;
    const { core } = this;
    if (core.state.layout === "layers" || core.state.layout === "map") return this.arrange(core.state.layout, true);
    const all = core.state.nodes.size;
    const known = new Set(fresh);
    const stay = fresh.length >= all - 1 ? new Set(core.state.pinned) : new Set([...core.state.nodes.keys()].filter((key) => !known.has(key)));
    this.settle(stay);
  }

  private settle(fixed: ReadonlySet<Key>): void {
    const { core } = this;
    const keys = [...core.view.nodes.keys()].filter((key) => core.state.places.has(key));
    const index = new Map(keys.map((key, i) => [key, i]));
    const places = keys.map((key) => core.state.places.get(key)!);
    const edges = [...core.view.lines.values()].flatMap((line): [number, number, number][] => {
      const [a, b] = [index.get(line.start), index.get(line.end)];
      return a === undefined || b === undefined ? [] : [[a, b, 1]];
    });
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
