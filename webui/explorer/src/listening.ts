/** What gestures on the stage do. */
import type { Arranging } from "./arranging";
import type { Core } from "./core";
import type { Loading } from "./loading";
import type { Menus } from "./menus";
import { CanvasRenderer } from "./render/canvas";
import type { Listener, Pointer } from "./render/renderer";
import { openMenu } from "./ui/menu";
import type { Minimap } from "./ui/minimap";
import { remainderOf } from "./scene";
import type { Showing } from "./showing";
import * as change from "./state";
import type { Key, Place } from "./types";

interface Parts {
  readonly loading: Loading;
  readonly arranging: Arranging;
  readonly menus: Menus;
  readonly minimap: Minimap;
}

export class Listening implements Listener {
  private parts: Parts | null = null;

  constructor(private readonly core: Core, private readonly ground: HTMLElement, private readonly showing: Showing) {}

  /** The renderer listens before there is anything to do. */
  attach(parts: Parts): void {
    this.parts = parts;
  }

  /** Select one, or add it to the selection and take it out again. */
  pick(kind: "nodes" | "lines", key: Key, add: boolean): void {
    const { core } = this;
    const next = change.toggled(add ? (kind === "nodes" ? core.picked : core.pickedLines) : new Set(), key);
    if (kind === "nodes") core.select(next, add ? core.pickedLines : []);
    else core.select(add ? core.picked : [], next);
  }

  node(key: Key, at: Pointer): void {
    const rest = remainderOf(this.core.state, key);
    if (rest) void this.parts?.loading.more(rest);
    else this.pick("nodes", key, at.add);
  }

  nodeTwice(key: Key): void {
    const { core } = this;
    const group = core.view.groups.get(key);
    if (group) core.run({ do: "openGroup", id: group.id });
    else if (core.state.nodes.has(key) && !core.state.ghosts.has(key)) void this.parts?.loading.expand(key, true);
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
    if (!core.state.nodes.has(key)) return this.showing.draw();
    this.parts?.arranging.stop();
    core.run({ do: "move", name: "aMove", places: [[key, to]] });
  }

  nodeMenu(key: Key, at: Pointer): void {
    const rest = remainderOf(this.core.state, key);
    if (rest) return openMenu([{ text: this.core.words("showMore"), action: () => void this.parts?.loading.more(rest) }], at);
    if (!this.core.picked.has(key)) this.core.select([key]);
    void this.parts?.menus.node(key, at);
  }

  lineMenu(key: Key, at: Pointer): void {
    this.core.select([], [key]);
    this.parts?.menus.line(key, at);
  }

  stageMenu(at: Pointer): void {
    this.parts?.menus.canvas(at, this.core.state.layout);
  }

  looked(): void {
    this.parts?.minimap.ask();
  }

  /** A graphics card that cannot keep up with this many lines: the canvas can, and shows the same part. */
  tooSlow(): void {
    const { core } = this;
    const seen = core.renderer.window();
    core.renderer.destroy();
    const canvas = new CanvasRenderer(this.ground, this.showing.theme, this);
    core.renderer = canvas;
    this.showing.again();
    canvas.look(seen);
  }
}
