/** sigma 3 on WebGL 2: smooth with ten thousand nodes. Marks, rings and loops are drawn on a canvas above it. */
import { MultiDirectedGraph } from "graphology";
import Sigma from "sigma";
import type { NodeHoverDrawingFunction } from "sigma/rendering";
import type { Theme } from "../style";
import type { Key, Place } from "../types";
import { paintCaptions, type At } from "./captions";
import * as glyph from "./glyph";
import type { Ground, Listener, Renderer, Scene, SceneLine, SceneNode } from "./renderer";
import { WebGLGestures } from "./webgl-gestures";
import { EDGES, NODES } from "./webgl-programs";

/** Past so many nodes or lines, names and picking lines by hand give way to smooth movement. */
const BUSY = 3000;
/** With more lines than this it is watched whether the graphics card keeps up. */
const MANY_LINES = 1500;
const SLOW_MS = 45;
/** Past so many nodes on screen, letters and rings inside them are left out while small. */
const CROWD = 1500;

/** Smaller nodes, in pixels, have no name. */
const LEAST_NAMED = 5;

/** Few nodes are not blown up to the edges, and names at the rim have room. */
const LEAST = 700;

function roomy({ x, y }: { x: [number, number]; y: [number, number] }): { x: [number, number]; y: [number, number] } {
  const wider = ([low, high]: [number, number]): [number, number] => {
    const more = Math.max((LEAST - (high - low)) / 2, (high - low) * 0.04);
    return [low - more, high + more];
  };
  return { x: wider(x), y: wider(y) };
}

export class WebGLRenderer implements Renderer {
  readonly kind = "webgl";
  private readonly graph = new MultiDirectedGraph();
  private readonly sigma: Sigma;
  private readonly marks: CanvasRenderingContext2D;
  private readonly under: CanvasRenderingContext2D;
  private readonly names: CanvasRenderingContext2D;
  private scene: Scene = { ground: [], nodes: [], lines: [], labels: false, amounts: false };
  private ground: readonly Ground[] = [];
  private readonly nodes = new Map<Key, SceneNode>();
  private loops: SceneLine[] = [];
  private slow = false;
  private late = 0;

  constructor(container: HTMLElement, private theme: Theme, private readonly listener: Listener) {
    this.sigma = new Sigma(this.graph, container, {
      // names and amounts are ours (captions.ts): sigma writes them over each other
      allowInvalidContainer: true, renderLabels: false, renderEdgeLabels: false, enableEdgeEvents: true, zIndex: true, defaultEdgeType: "straight",
      stagePadding: 48, minCameraRatio: 0.02, maxCameraRatio: 8,
      doubleClickZoomingRatio: 1,
      nodeProgramClasses: NODES, nodeHoverProgramClasses: NODES, edgeProgramClasses: EDGES,
      defaultDrawNodeHover: this.drawHover,
    });
    this.under = this.layer("under", container.firstElementChild);
    this.names = this.layer("names", this.sigma.getCanvases()["hovers"] ?? null);
    this.marks = this.layer("marks", this.sigma.getCanvases()["mouse"] ?? null);
    this.sigma.resize(true);
    this.sigma.on("afterRender", () => {
      this.drawGround();
      this.drawMarks();
      this.drawNames();
      this.listener.looked();
    });
    this.sigma.on("beforeRender", () => this.watchSpeed());
    new WebGLGestures(this.sigma, this.graph, listener);
  }

  /** A canvas of our own among sigma's, below another. */
  private layer(name: string, below: Element | null): CanvasRenderingContext2D {
    this.sigma.createCanvasContext(name);
    const canvas = this.sigma.getCanvases()[name]!;
    canvas.style.pointerEvents = "none";
    this.sigma.getContainer().insertBefore(canvas, below);
    return canvas.getContext("2d")!;
  }

  /** Three late frames in a row while moving: another renderer is asked for. */
  private watchSpeed(): void {
    if (this.slow || this.graph.size <= MANY_LINES) return;
    const started = performance.now();
    requestAnimationFrame((now) => {
      this.late = now - started > SLOW_MS ? this.late + 1 : 0;
      if (this.late < 3) return;
      this.slow = true;
      this.listener.tooSlow();
    });
  }

  draw(scene: Scene): void {
    const keys = new Set(scene.nodes.map((node) => node.key));
    const lineKeys = new Set(scene.lines.filter((line) => !line.dashed).map((line) => line.key));
    for (const key of this.graph.edges()) if (!lineKeys.has(key)) this.graph.dropEdge(key);
    for (const key of this.graph.nodes()) if (!keys.has(key)) this.graph.dropNode(key);
    this.scene = scene;
    this.nodes.clear();
    for (const node of scene.nodes) {
      this.nodes.set(node.key, node);
      this.graph.mergeNode(node.key, {
        x: node.x, y: node.y, size: node.shape === "square" ? node.size * 1.16 : node.size * (node.shape === "diamond" ? 1.12 : 1),
        color: node.color, type: node.shape, zIndex: node.selected ? 2 : 1,
      });
    }
    this.ground = scene.ground;
    this.sigma.setSetting("hideEdgesOnMove", scene.lines.length > 4 * BUSY);
    // sigma has no names to hide, but draws once more when the hand rests
    this.sigma.setSetting("hideLabelsOnMove", this.busy);
    this.sigma.setSetting("enableEdgeEvents", scene.lines.length <= 2 * BUSY);
    this.loops = scene.lines.filter((line) => line.start === line.end || line.dashed);
    for (const line of scene.lines) {
      if (line.start === line.end || line.dashed) continue;
      this.graph.mergeEdgeWithKey(line.key, line.start, line.end, {
        size: line.width, color: line.color, type: line.curve ? "curved" : "straight", curvature: line.curve,
        zIndex: line.selected ? 2 : 0,
      });
    }
    this.sigma.refresh();
  }

  move(places: ReadonlyMap<Key, Place>): void {
    for (const [key, place] of places) if (this.graph.hasNode(key)) this.graph.mergeNodeAttributes(key, { x: place.x, y: place.y });
  }

  fit(): void {
    this.sigma.setCustomBBox(null);
    this.sigma.refresh();
    this.sigma.setCustomBBox(roomy(this.sigma.getBBox()));
    this.sigma.refresh();
    void this.sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: 1, angle: 0 }, { duration: 200 });
  }

  locate(key: Key): void {
    const at = this.sigma.getNodeDisplayData(key);
    if (at) void this.sigma.getCamera().animate({ x: at.x, y: at.y, ratio: Math.min(0.5, this.sigma.getCamera().ratio) }, { duration: 250 });
  }

  zoom(factor: number): void {
    const camera = this.sigma.getCamera();
    void camera.animate({ ratio: camera.ratio / factor }, { duration: 120 });
  }

  window() {
    const { width, height } = this.sigma.getDimensions();
    const [from, to] = [this.sigma.viewportToGraph({ x: 0, y: height }), this.sigma.viewportToGraph({ x: width, y: 0 })];
    return { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
  }

  centre(place: Place): void {
    const at = this.sigma.viewportToFramedGraph(this.sigma.graphToViewport(place));
    this.sigma.getCamera().setState({ x: at.x, y: at.y });
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  screen(key: Key): { x: number; y: number } | null {
    const at = this.sigma.getNodeDisplayData(key);
    if (!at) return null;
    const box = this.sigma.getContainer().getBoundingClientRect();
    const point = this.sigma.framedGraphToViewport(at);
    return { x: point.x + box.left, y: point.y + box.top };
  }

  destroy(): void {
    this.sigma.kill();
  }

  private readonly drawHover: NodeHoverDrawingFunction = (context, data) => {
    const node = this.nodes.get((data as unknown as { key: Key }).key);
    const shape = node?.shape ?? "circle";
    glyph.ring(context, shape, data.x, data.y, data.size / (shape === "square" ? 1.16 : 1), this.theme.ink, 1.5);
    if (node?.label) glyph.text(context, node.label, data.x, data.y + data.size + 10, this.theme, 12, 700);
  };

  private drawGround(): void {
    const { width, height } = this.sigma.getDimensions();
    this.under.clearRect(0, 0, width, height);
    for (const item of this.ground) {
      const at = this.sigma.graphToViewport(item);
      const wide = item.width ? this.sigma.graphToViewport({ x: item.x + item.width, y: item.y }).x - at.x : 0;
      glyph.ground(this.under, item.kind, item.text, at.x, at.y, wide, height, item.strong, this.theme);
    }
  }

  /** Places on the stage; null for what is off it. */
  private at(width: number, height: number): At {
    return (key) => {
      const data = this.sigma.getNodeDisplayData(key);
      if (!data) return null;
      const point = this.sigma.framedGraphToViewport(data);
      if (point.x < -40 || point.y < -40 || point.x > width + 40 || point.y > height + 40) return null;
      return { ...point, size: this.sigma.scaleSize(this.nodes.get(key)?.size ?? 8) };
    };
  }

  private get busy(): boolean {
    return this.scene.nodes.length > BUSY || this.scene.lines.length > BUSY;
  }

  /** Names wait for the hand to rest where there are very many; far away, small nodes have none. */
  private drawNames(): void {
    const { width, height } = this.sigma.getDimensions();
    this.names.clearRect(0, 0, width, height);
    if (this.busy) {
      const { isMoving, currentWheelDirection } = this.sigma.getMouseCaptor();
      if (isMoving || currentWheelDirection || this.sigma.getCamera().isAnimated()) return;
    }
    const at = this.at(width, height);
    const near: At = (key) => {
      const place = at(key);
      return place && (place.size >= LEAST_NAMED || this.nodes.get(key)?.selected) ? place : null;
    };
    paintCaptions(this.names, this.scene, near, this.theme, null);
  }

  private drawMarks(): void {
    const { width, height } = this.sigma.getDimensions();
    this.marks.clearRect(0, 0, width, height);
    const at = this.at(width, height);
    for (const line of this.loops) {
      const place = at(line.start);
      const other = line.dashed ? at(line.end) : null;
      if (line.dashed) {
        if (place && other) glyph.dashedLine(this.marks, place.x, place.y, other.x, other.y, line.color);
        continue;
      }
      if (place) glyph.loop(this.marks, place.x, place.y, place.size, line.color, line.width);
    }
    const crowded = this.nodes.size > CROWD;
    for (const node of this.nodes.values()) {
      const plain = !node.selected && !node.pinned && !node.dashed && !node.badge && !node.coin;
      if (crowded && plain && this.sigma.scaleSize(node.size) < 9) continue;
      const place = at(node.key);
      if (!place) continue;
      if (node.dashed) {
        glyph.dashes(this.marks, node.shape, place.x, place.y, place.size, this.theme);
        glyph.text(this.marks, node.mark, place.x, place.y, this.theme, 10, 700);
      }
      if (node.badge) glyph.badge(this.marks, node.badge, place.x, place.y, place.size, node.badgeColor ?? this.theme.select);
      if (node.coin) glyph.coin(this.marks, node.coin, place.x, place.y, place.size, node.coinColor ?? this.theme.select);
      if (node.selected) glyph.ring(this.marks, node.shape, place.x, place.y, place.size, this.theme.select);
      if (!node.dashed) glyph.mark(this.marks, node.mark, place.x, place.y, place.size);
      if (node.pinned) glyph.pin(this.marks, place.x, place.y, place.size, this.theme);
    }
  }
}
