/**
 * Shows a crowd: a worker paints it, the page moves and scales the last picture under the hand at every frame, and newer
 * pictures take its place as they come. Nothing of the drawing costs time on the page, however many lines there are.
 */
import { beside } from "../beside";
import type { Crowd, Look } from "./crowd";
import type { Order } from "./crowd-worker";

/** What the picture shows, without how well. */
export type View = Pick<Look, "x" | "y" | "scale" | "width" | "height">;

const MARGIN = 64;
/** Rest before the picture is painted as it should look, ms. */
const REST_MS = 160;

export class CrowdPainter {
  readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("bitmaprenderer");
  private readonly worker = new Worker(beside("crowd-worker.js"));
  private wanted: View | null = null;
  private painted: Look | null = null;
  private asked: Look | null = null;
  private stale = true;
  private movedAt = 0;
  private timer = 0;

  constructor(private readonly failed: () => void) {
    this.canvas.className = "rt-crowd";
    this.worker.onmessage = (event: MessageEvent<ImageBitmap>) => this.came(event.data);
    this.worker.onerror = () => this.failed();
  }

  /** Whether this browser can paint beside the page at all. */
  static possible(): boolean {
    return typeof OffscreenCanvas !== "undefined" && typeof ImageBitmapRenderingContext !== "undefined" && typeof Worker !== "undefined";
  }

  crowd(crowd: Crowd): void {
    this.post({ crowd });
    this.stale = true;
    this.next();
  }

  places(places: Pick<Crowd, "xs" | "ys" | "sizes">): void {
    this.post({ places });
    this.stale = true;
    this.next();
  }

  look(view: View): void {
    if (!this.wanted || !same(view, this.wanted)) this.movedAt = performance.now();
    this.wanted = view;
    this.shift();
    this.next();
  }

  destroy(): void {
    window.clearTimeout(this.timer);
    this.worker.terminate();
    this.canvas.remove();
  }

  private post(order: Order): void {
    this.worker.postMessage(order);
  }

  /** The next picture, unless one is being painted or what is shown is right. */
  private next(): void {
    if (this.asked || !this.wanted || this.wanted.width < 1 || this.wanted.height < 1) return;
    const right = this.painted !== null && !this.stale && same(this.painted, this.wanted);
    if (right && this.painted!.still) return;
    const rested = performance.now() - this.movedAt;
    const still = rested >= REST_MS;
    const wait = this.painted !== null && !still && right ? REST_MS - rested : 0;
    window.clearTimeout(this.timer);
    if (wait > 0) this.timer = window.setTimeout(() => this.ask(), wait);
    else this.ask();
  }

  private ask(): void {
    if (this.asked || !this.wanted) return;
    const still = this.painted === null || performance.now() - this.movedAt >= REST_MS;
    this.asked = { ...this.wanted, margin: MARGIN, ratio: still ? Math.min(2, window.devicePixelRatio || 1) : 1, still };
    this.stale = false;
    this.post({ look: this.asked });
  }

  private came(picture: ImageBitmap): void {
    this.painted = this.asked;
    this.asked = null;
    this.context?.transferFromImageBitmap(picture);
    const { width, height } = this.painted!;
    Object.assign(this.canvas.style, { width: `${width + 2 * MARGIN}px`, height: `${height + 2 * MARGIN}px`, left: `${-MARGIN}px`, top: `${-MARGIN}px` });
    this.shift();
    this.next();
  }

  /** Put the last picture where its graph is now. */
  private shift(): void {
    if (!this.painted || !this.wanted) return;
    const { x, y, scale } = this.wanted;
    this.canvas.style.transform = `translate(${(this.painted.x - x) * scale}px,${(y - this.painted.y) * scale}px) scale(${scale / this.painted.scale})`;
  }
}

function same(a: View, b: View): boolean {
  return a.x === b.x && a.y === b.y && a.scale === b.scale && a.width === b.width && a.height === b.height;
}
