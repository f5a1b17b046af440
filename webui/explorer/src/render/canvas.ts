/** A plain 2D canvas for machines without WebGL 2. Same scene, same gestures; comfortable up to some thousand nodes. */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import * as glyph from "./glyph";
import type { Listener, Pointer, Renderer, Scene, SceneLine, SceneNode } from "./renderer";

interface Point {
  x: number;
  y: number;
}
type Grip = { readonly kind: "node"; readonly key: Key } | { readonly kind: "pan" };

export class CanvasRenderer implements Renderer {
  readonly kind = "canvas";
  private readonly canvas = document.createElement("canvas");
  private readonly context: CanvasRenderingContext2D;
  private readonly watch: ResizeObserver;
  private scene: Scene = { nodes: [], lines: [], ground: [], labels: true, amounts: true };
  private readonly places = new Map<Key, Place>();
  private readonly nodes = new Map<Key, SceneNode>();
  private scale = 1;
  private middle: Point = { x: 0, y: 0 };
  private fitted = true;
  private grip: Grip | null = null;
  private from: Point = { x: 0, y: 0 };
  private moved = false;
  private hover: Key | null = null;
  private frame = 0;

  constructor(private readonly container: HTMLElement, private theme: Theme, private readonly listener: Listener) {
    this.canvas.className = "rt-canvas";
    container.append(this.canvas);
    this.context = this.canvas.getContext("2d")!;
    this.watch = new ResizeObserver(() => this.ask());
    this.watch.observe(container);
    this.listen();
  }

  draw(scene: Scene): void {
    this.scene = scene;
    this.places.clear();
    this.nodes.clear();
    for (const node of scene.nodes) {
      this.places.set(node.key, node);
      this.nodes.set(node.key, node);
    }
    this.ask();
  }

  move(places: ReadonlyMap<Key, Place>): void {
    for (const [key, place] of places) if (this.nodes.has(key)) this.places.set(key, place);
    this.ask();
  }

  fit(): void {
    this.fitted = true;
    this.ask();
  }

  locate(key: Key): void {
    const place = this.places.get(key);
    if (!place) return;
    this.fitted = false;
    this.middle = { ...place };
    this.scale = Math.max(this.scale, 1.4);
    this.ask();
  }

  zoom(factor: number): void {
    this.fitted = false;
    this.scale = Math.min(20, Math.max(0.005, this.scale * factor));
    this.ask();
  }

  window() {
    const { clientWidth: width, clientHeight: height } = this.container;
    const [from, to] = [this.toGraph({ x: 0, y: height }), this.toGraph({ x: width, y: 0 })];
    return { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
  }

  centre(place: Place): void {
    this.fitted = false;
    this.middle = { ...place };
    this.ask();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.ask();
  }

  screen(key: Key): Point | null {
    const place = this.places.get(key);
    if (!place) return null;
    const box = this.canvas.getBoundingClientRect();
    const point = this.toScreen(place);
    return { x: point.x + box.left, y: point.y + box.top };
  }

  destroy(): void {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  private ask(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const { clientWidth: width, clientHeight: height } = this.container;
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    if (this.fitted) this.fitNow(width, height);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    for (const item of this.scene.ground) {
      const at = this.toScreen(item);
      glyph.ground(this.context, item.kind, item.text, at.x, at.y, item.width * this.scale, height, item.strong, this.theme);
    }
    const many = this.scene.lines.length > 400;
    for (const line of this.scene.lines) this.paintLine(line, (this.scene.amounts && !many) || line.selected);
    for (const node of this.scene.nodes) this.paintNode(node);
    if (this.scene.labels || this.hover) for (const node of this.scene.nodes) this.paintLabel(node);
    this.listener.looked();
  }

  private paintNode(node: SceneNode): void {
    const { x, y } = this.toScreen(this.places.get(node.key)!);
    if (node.dashed) glyph.dashes(this.context, node.shape, x, y, node.size, this.theme);
    else {
      glyph.body(this.context, node.shape, x, y, node.size);
      this.context.fillStyle = node.color;
      this.context.fill();
    }
    if (node.selected) glyph.ring(this.context, node.shape, x, y, node.size, this.theme.select);
    if (node.dashed) glyph.text(this.context, node.mark, x, y, this.theme, 10, 700);
    else glyph.mark(this.context, node.mark, x, y, node.size);
    if (node.badge) glyph.badge(this.context, node.badge, x, y, node.size, node.badgeColor ?? this.theme.select);
    if (node.pinned) glyph.pin(this.context, x, y, node.size, this.theme);
  }

  private paintLabel(node: SceneNode): void {
    const crowded = this.scene.nodes.length * 2500 > this.canvas.width * this.canvas.height * this.scale;
    const wanted = node.key === this.hover || node.selected || (this.scene.labels && !crowded);
    if (!wanted) return;
    const { x, y } = this.toScreen(this.places.get(node.key)!);
    glyph.text(this.context, node.label, x, y + node.size + 10, this.theme);
    if (node.sub) glyph.text(this.context, node.sub, x, y + node.size + 24, this.theme, 10, 400);
  }

  private paintLine(line: SceneLine, labelled: boolean): void {
    const [from, to] = [this.toScreen(this.places.get(line.start)!), this.toScreen(this.places.get(line.end)!)];
    const { context } = this;
    if (line.start === line.end) return glyph.loop(context, from.x, from.y, this.nodes.get(line.start)!.size, line.color, line.width);
    const bend = this.bend(from, to, line.curve);
    const angle = Math.atan2(to.y - bend.y, to.x - bend.x);
    const gap = this.nodes.get(line.end)!.size + 2;
    const tip = { x: to.x - gap * Math.cos(angle), y: to.y - gap * Math.sin(angle) };
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(bend.x, bend.y, tip.x, tip.y);
    context.strokeStyle = context.fillStyle = line.color;
    context.lineWidth = line.width;
    context.setLineDash(line.dashed ? [5, 4] : []);
    context.stroke();
    context.setLineDash([]);
    if (line.dashed) return;
    const head = 6 + line.width;
    context.beginPath();
    context.moveTo(tip.x, tip.y);
    context.lineTo(tip.x - head * Math.cos(angle - 0.4), tip.y - head * Math.sin(angle - 0.4));
    context.lineTo(tip.x - head * Math.cos(angle + 0.4), tip.y - head * Math.sin(angle + 0.4));
    context.fill();
    if (!labelled || Math.hypot(to.x - from.x, to.y - from.y) < 70) return;
    const turn = Math.atan2(to.y - from.y, to.x - from.x);
    context.save();
    context.translate((from.x + 2 * bend.x + to.x) / 4, (from.y + 2 * bend.y + to.y) / 4);
    context.rotate(Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn);
    glyph.text(context, line.label, 0, -8, this.theme, 11);
    context.restore();
  }

  private bend(from: Point, to: Point, curve: number): Point {
    return { x: (from.x + to.x) / 2 + (to.y - from.y) * curve, y: (from.y + to.y) / 2 - (to.x - from.x) * curve };
  }

  private fitNow(width: number, height: number): void {
    const all = [...this.places.values()];
    if (!all.length) return;
    const [x0, x1] = [Math.min(...all.map((p) => p.x)), Math.max(...all.map((p) => p.x))];
    const [y0, y1] = [Math.min(...all.map((p) => p.y)), Math.max(...all.map((p) => p.y))];
    this.middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    this.scale = Math.min(2.5, (width - 200) / Math.max(1, x1 - x0), (height - 110) / Math.max(1, y1 - y0));
  }

  private toScreen(place: Place): Point {
    const { clientWidth: width, clientHeight: height } = this.container;
    return { x: width / 2 + (place.x - this.middle.x) * this.scale, y: height / 2 - (place.y - this.middle.y) * this.scale };
  }

  private toGraph(point: Point): Point {
    const { clientWidth: width, clientHeight: height } = this.container;
    return { x: this.middle.x + (point.x - width / 2) / this.scale, y: this.middle.y - (point.y - height / 2) / this.scale };
  }

  private nodeAt(point: Point): Key | null {
    for (let i = this.scene.nodes.length - 1; i >= 0; i--) {
      const node = this.scene.nodes[i]!;
      const at = this.toScreen(this.places.get(node.key)!);
      if (Math.hypot(at.x - point.x, at.y - point.y) <= node.size + 2) return node.key;
    }
    return null;
  }

  private lineAt(point: Point): Key | null {
    for (const line of this.scene.lines) {
      const [from, to] = [this.toScreen(this.places.get(line.start)!), this.toScreen(this.places.get(line.end)!)];
      const bend = this.bend(from, to, line.curve);
      for (let t = 0; t <= 1; t += 0.025) {
        const x = (1 - t) ** 2 * from.x + 2 * (1 - t) * t * bend.x + t * t * to.x;
        const y = (1 - t) ** 2 * from.y + 2 * (1 - t) * t * bend.y + t * t * to.y;
        if (Math.hypot(x - point.x, y - point.y) < 6) return line.key;
      }
    }
    return null;
  }

  private listen(): void {
    const { canvas, listener } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.from = this.local(event);
      this.moved = false;
      const key = this.nodeAt(this.from);
      this.grip = key ? { kind: "node", key } : { kind: "pan" };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => this.drag(this.local(event)));
    canvas.addEventListener("pointerup", (event) => {
      const grip = this.grip;
      this.grip = null;
      if (!grip) return;
      if (this.moved) {
        if (grip.kind === "node") listener.dragged(grip.key, this.places.get(grip.key)!);
        return;
      }
      const point = this.local(event);
      const line = grip.kind === "node" ? null : this.lineAt(point);
      if (grip.kind === "node") listener.node(grip.key, this.pointer(event));
      else if (line) listener.line(line, this.pointer(event));
      else listener.stage(this.pointer(event));
    });
    canvas.addEventListener("dblclick", (event) => {
      const key = this.nodeAt(this.local(event));
      if (key) listener.nodeTwice(key, this.pointer(event));
    });
    canvas.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      const point = this.local(event);
      const key = this.nodeAt(point);
      const line = key ? null : this.lineAt(point);
      if (key) listener.nodeMenu(key, this.pointer(event));
      else if (line) listener.lineMenu(line, this.pointer(event));
      else listener.stageMenu(this.pointer(event));
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const before = this.toGraph(this.local(event));
      this.zoom(Math.exp(-event.deltaY / 400));
      const after = this.toGraph(this.local(event));
      this.middle = { x: this.middle.x + before.x - after.x, y: this.middle.y + before.y - after.y };
    }, { passive: false });
  }

  private drag(point: Point): void {
    if (!this.grip) {
      const key = this.nodeAt(point);
      if (key !== this.hover) {
        this.hover = key;
        this.canvas.style.cursor = key ? "pointer" : "";
        this.ask();
      }
      return;
    }
    if (!this.moved && Math.hypot(point.x - this.from.x, point.y - this.from.y) < 4) return;
    this.moved = true;
    this.fitted = false;
    if (this.grip.kind === "node") this.places.set(this.grip.key, this.toGraph(point));
    else {
      this.middle = { x: this.middle.x - (point.x - this.from.x) / this.scale, y: this.middle.y + (point.y - this.from.y) / this.scale };
      this.from = point;
    }
    this.ask();
  }

  private local(event: MouseEvent): Point {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private pointer(event: MouseEvent): Pointer {
    return { x: event.clientX, y: event.clientY, add: event.shiftKey || event.ctrlKey || event.metaKey };
  }
}
