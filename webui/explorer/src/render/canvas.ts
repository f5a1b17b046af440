/** Drawing without a graphics card: few nodes in full by the page itself, many by a worker (crowd.ts). */
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import { Gestures, type Touched } from "./canvas-gestures";
import { columnsOf, crowdOf } from "./crowd";
import { CrowdPainter } from "./crowd-painter";
import { bend } from "./captions";
import { paintDetail, type Sight } from "./detail";
import type { Listener, Renderer, Scene, SceneNode } from "./renderer";

/** Past so many nodes and lines together a worker paints. */
const CROWD = 1200;

export class CanvasRenderer implements Renderer, Touched, Sight {
  readonly kind = "canvas";
  readonly places = new Map<Key, Place>();
  readonly nodes = new Map<Key, SceneNode>();
  scale = 1;
  height = 1;
  private width = 1;
  /** What takes the hand and holds the pictures: the stage itself belongs to the page. */
  private readonly board = document.createElement("div");
  private readonly canvas = document.createElement("canvas");
  private readonly name = document.createElement("div");
  private readonly context: CanvasRenderingContext2D;
  private readonly watch: ResizeObserver;
  private readonly ended = new AbortController();
  private scene: Scene = { nodes: [], lines: [], ground: [], labels: true, amounts: true };
  private middle: Place = { x: 0, y: 0 };
  private fitted = true;
  private hover: Key | null = null;
  private frame = 0;
  private painter: CrowdPainter | null = null;
  /** A worker that did not start is not tried again. */
  private alone = !CrowdPainter.possible();

  constructor(private readonly container: HTMLElement, private theme: Theme, private readonly listener: Listener) {
    this.board.className = "rt-board";
    this.canvas.className = "rt-canvas";
    this.name.className = "rt-hover";
    this.name.hidden = true;
    this.board.append(this.canvas, this.name);
    container.append(this.board);
    this.context = this.canvas.getContext("2d")!;
    this.watch = new ResizeObserver(() => this.resized());
    this.watch.observe(container);
    this.resized();
    new Gestures(this.board, this, listener, this.ended.signal);
  }

  draw(scene: Scene): void {
    this.scene = scene;
    this.places.clear();
    this.nodes.clear();
    for (const node of scene.nodes) {
      this.places.set(node.key, node);
      this.nodes.set(node.key, node);
    }
    this.crowd();
    this.ask();
  }

  move(places: ReadonlyMap<Key, Place>): void {
    for (const [key, place] of places) if (this.nodes.has(key)) this.places.set(key, place);
    this.painter?.places(columnsOf(this.scene.nodes, this.places));
    this.ask();
  }

  fit(): void {
    this.fitted = true;
    this.ask();
  }

  locate(key: Key): void {
    const place = this.places.get(key);
    if (!place) return;
    this.scale = Math.max(this.scale, 1.4);
    this.centre(place);
  }

  zoom(factor: number): void {
    this.zoomAt({ x: this.width / 2, y: this.height / 2 }, factor);
  }

  zoomAt(point: Place, factor: number): void {
    this.fitted = false;
    const before = this.toGraph(point);
    this.scale = Math.min(20, Math.max(0.005, this.scale * factor));
    const after = this.toGraph(point);
    this.middle = { x: this.middle.x + before.x - after.x, y: this.middle.y + before.y - after.y };
    this.ask();
  }

  pan(dx: number, dy: number): void {
    this.fitted = false;
    this.middle = { x: this.middle.x - dx / this.scale, y: this.middle.y + dy / this.scale };
    this.ask();
  }

  window() {
    const [from, to] = [this.toGraph({ x: 0, y: this.height }), this.toGraph({ x: this.width, y: 0 })];
    return { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
  }

  /** Show this part of the graph: what another renderer showed before. */
  look(part: { x0: number; y0: number; x1: number; y1: number }): void {
    this.scale = this.width / Math.max(1e-9, part.x1 - part.x0);
    this.centre({ x: (part.x0 + part.x1) / 2, y: (part.y0 + part.y1) / 2 });
  }

  centre(place: Place): void {
    this.fitted = false;
    this.middle = { x: place.x, y: place.y };
    this.ask();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.crowd();
    this.ask();
  }

  screen(key: Key): Place | null {
    const place = this.places.get(key);
    if (!place) return null;
    const box = this.board.getBoundingClientRect();
    const point = this.toScreen(place);
    return { x: point.x + box.left, y: point.y + box.top };
  }

  destroy(): void {
    this.watch.disconnect();
    this.ended.abort();
    cancelAnimationFrame(this.frame);
    this.painter?.destroy();
    this.board.remove();
  }

  // ---- under the hand

  nodeAt(point: Place): Key | null {
    for (let i = this.scene.nodes.length - 1; i >= 0; i--) {
      const node = this.scene.nodes[i]!;
      const at = this.toScreen(this.places.get(node.key)!);
      if (Math.abs(at.x - point.x) <= node.size + 2 && Math.hypot(at.x - point.x, at.y - point.y) <= node.size + 2) return node.key;
    }
    return null;
  }

  lineAt(point: Place): Key | null {
    for (const line of this.scene.lines) {
      const [from, to] = [this.toScreen(this.places.get(line.start)!), this.toScreen(this.places.get(line.end)!)];
      const handle = bend(from, to, line.curve);
      for (let t = 0; t <= 1; t += 0.025) {
        const x = (1 - t) ** 2 * from.x + 2 * (1 - t) * t * handle.x + t * t * to.x;
        const y = (1 - t) ** 2 * from.y + 2 * (1 - t) * t * handle.y + t * t * to.y;
        if (Math.hypot(x - point.x, y - point.y) < 6) return line.key;
      }
    }
    return null;
  }

  carry(key: Key, to: Place): void {
    this.fitted = false;
    this.places.set(key, this.toGraph(to));
    this.painter?.places(columnsOf(this.scene.nodes, this.places));
    this.ask();
  }

  drop(key: Key): void {
    this.listener.dragged(key, this.places.get(key)!);
  }

  /** The name under the pointer: in the picture, or beside the pointer where the picture is a worker's. */
  over(key: Key | null, point: Place): void {
    if (key === this.hover) return;
    this.hover = key;
    this.board.classList.toggle("rt-hand", key !== null);
    this.name.hidden = !this.painter || !key;
    if (this.name.hidden) return void (this.painter || this.ask());
    this.name.textContent = this.nodes.get(key!)?.label ?? "";
    this.name.style.transform = `translate(${point.x + 14}px,${point.y + 10}px)`;
  }

  toScreen(place: Place): Place {
    return { x: this.width / 2 + (place.x - this.middle.x) * this.scale, y: this.height / 2 - (place.y - this.middle.y) * this.scale };
  }

  private toGraph(point: Place): Place {
    return { x: this.middle.x + (point.x - this.width / 2) / this.scale, y: this.middle.y - (point.y - this.height / 2) / this.scale };
  }

  // ---- painting

  /** Hand a large scene to the worker; a small one is painted here. */
  private crowd(): void {
    const many = !this.alone && this.scene.nodes.length + this.scene.lines.length > CROWD;
    this.canvas.hidden = many;
    if (!many) {
      this.painter?.destroy();
      this.painter = null;
      this.name.hidden = true;
      return;
    }
    if (!this.painter) {
      this.painter = new CrowdPainter(() => this.withoutWorker());
      this.board.prepend(this.painter.canvas);
    }
    this.painter.crowd(crowdOf(this.scene, this.places, this.theme));
  }

  private withoutWorker(): void {
    this.alone = true;
    this.crowd();
    this.ask();
  }

  private resized(): void {
    const { clientWidth, clientHeight } = this.container;
    [this.width, this.height] = [clientWidth, clientHeight];
    this.ask();
  }

  private ask(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    if (this.fitted) this.fitNow();
    if (this.painter) this.painter.look({ ...this.middle, scale: this.scale, width: this.width, height: this.height });
    else this.paintHere();
    this.listener.looked();
  }

  private paintHere(): void {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(this.width * ratio), Math.round(this.height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) [this.canvas.width, this.canvas.height] = [wide, high];
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    paintDetail(this.context, this.scene, this, this.theme, this.hover);
  }

  private fitNow(): void {
    if (!this.places.size) return;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y } of this.places.values()) [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
    this.middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    // Room for names at the rim; a small stage, as a phone's, cannot give as much.
    const [wide, high] = [this.width - Math.min(200, this.width * 0.3), this.height - Math.min(110, this.height * 0.35)];
    this.scale = Math.min(2.5, Math.max(20, wide) / Math.max(1, x1 - x0), Math.max(20, high) / Math.max(1, y1 - y0));
  }
}
