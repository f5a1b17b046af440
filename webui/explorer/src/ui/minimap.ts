/** The whole drawing small, with a frame around what is on screen; a click goes there. */
import type { Renderer } from "../render/renderer";
import type { Theme } from "../style";
import { colorOf } from "../look";
import type { Core } from "../core";
import { el } from "./dom";

const WIDE = 168;
const HIGH = 112;
const LEAST = 12;

export class Minimap {
  readonly element: HTMLCanvasElement;
  private box = { x0: 0, y0: 0, scale: 1, left: 0, top: 0 };
  private waiting = 0;

  constructor(private readonly core: Core, private readonly theme: () => Theme, label: string) {
    this.element = el("canvas", { class: "rt-minimap", role: "img", "aria-label": label, width: WIDE * 2, height: HIGH * 2 });
    const go = (event: PointerEvent) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const at = this.element.getBoundingClientRect();
      // a narrow page shows it smaller than it is drawn
      const [x, y] = [((event.clientX - at.left) * WIDE) / at.width, ((event.clientY - at.top) * HIGH) / at.height];
      core.renderer.centre({ x: this.box.x0 + (x - this.box.left) / this.box.scale, y: this.box.y0 + (HIGH - y - this.box.top) / this.box.scale });
    };
    this.element.addEventListener("pointerdown", go);
    this.element.addEventListener("pointermove", go);
  }

  /** Soon, and once for many asks: movement must stay smooth. */
  ask(): void {
    if (this.waiting) return;
    this.waiting = window.setTimeout(() => {
      this.waiting = 0;
      this.draw(this.core.renderer);
    }, 120);
  }

  private draw(renderer: Renderer): void {
    const { state, view } = this.core;
    const context = this.element.getContext("2d")!;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, WIDE, HIGH);
    const seen = renderer.window();
    const nodes = [...view.nodes].flatMap(([key, node]) => {
      const at = state.places.get(key);
      return at ? [{ at, node }] : [];
    });
    const xs = nodes.map(({ at }) => at.x);
    const ys = nodes.map(({ at }) => at.y);
    const low = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
    const [x0, x1, y0, y1] = [low(xs), high(xs), low(ys), high(ys)];
    // What shows all of it at once needs no overview: it would only lie on the drawing.
    this.element.hidden = nodes.length < LEAST || (seen.x0 <= x0 && x1 <= seen.x1 && seen.y0 <= y0 && y1 <= seen.y1);
    if (this.element.hidden) return;
    const scale = Math.min((WIDE - 12) / Math.max(1, x1 - x0), (HIGH - 12) / Math.max(1, y1 - y0));
    this.box = { x0, y0, scale, left: (WIDE - (x1 - x0) * scale) / 2, top: (HIGH - (y1 - y0) * scale) / 2 };
    const put = (x: number, y: number) => ({ x: this.box.left + (x - x0) * scale, y: HIGH - this.box.top - (y - y0) * scale });
    const dot = nodes.length > 2000 ? 1 : 2.2;
    for (const { at, node } of nodes) {
      const point = put(at.x, at.y);
      context.fillStyle = colorOf(state.look, node);
      context.fillRect(point.x - dot / 2, point.y - dot / 2, dot, dot);
    }
    const [from, to] = [put(seen.x0, seen.y1), put(seen.x1, seen.y0)];
    context.strokeStyle = this.theme().select;
    context.lineWidth = 1.5;
    context.strokeRect(Math.max(1, from.x), Math.max(1, from.y), Math.min(WIDE - 2, to.x) - Math.max(1, from.x), Math.min(HIGH - 2, to.y) - Math.max(1, from.y));
  }
}
