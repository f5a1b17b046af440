/** What a hand does on a plain canvas: click, drag, wheel, two fingers. sigma brings its own. */
import type { Key, Place } from "../types";
import type { Listener, Pointer } from "./renderer";

/** The drawing under the hand. Points are pixels of the stage. */
export interface Touched {
  nodeAt(point: Place): Key | null;
  lineAt(point: Place): Key | null;
  pan(dx: number, dy: number): void;
  /** Scale by a factor around a point. */
  zoomAt(point: Place, factor: number): void;
  /** A node goes where the hand is, and is let go there. */
  carry(key: Key, to: Place): void;
  drop(key: Key): void;
  over(key: Key | null, point: Place): void;
}

/** A hand that moved less than this many pixels has clicked. */
const STILL = 4;

export class Gestures {
  private readonly fingers = new Map<number, Place>();
  private grip: { readonly key: Key | null } | null = null;
  private from: Place = { x: 0, y: 0 };
  private moved = false;

  constructor(private readonly stage: HTMLElement, private readonly touched: Touched, private readonly listener: Listener, signal: AbortSignal) {
    const on = <K extends keyof HTMLElementEventMap>(name: K, job: (event: HTMLElementEventMap[K]) => void, options: AddEventListenerOptions = {}) => stage.addEventListener(name, job, { signal, ...options });
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.let(event));
    on("dblclick", (event) => {
      const key = touched.nodeAt(this.local(event));
      if (key) listener.nodeTwice(key, pointer(event));
    });
    on("contextmenu", (event) => this.menu(event));
    on("wheel", (event) => {
      event.preventDefault();
      touched.zoomAt(this.local(event), Math.exp(-event.deltaY / 400));
    }, { passive: false });
  }

  private down(event: PointerEvent): void {
    if (event.button) return;
    const point = this.local(event);
    this.fingers.set(event.pointerId, point);
    this.stage.setPointerCapture(event.pointerId);
    if (this.fingers.size > 1) {
      this.grip = null;
      return;
    }
    this.from = point;
    this.moved = false;
    this.grip = { key: this.touched.nodeAt(point) };
  }

  private move(event: PointerEvent): void {
    const point = this.local(event);
    if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) return this.pinch(event.pointerId, point);
    if (!this.grip) return this.touched.over(this.touched.nodeAt(point), point);
    if (!this.moved && Math.hypot(point.x - this.from.x, point.y - this.from.y) < STILL) return;
    this.moved = true;
    if (this.grip.key) this.touched.carry(this.grip.key, point);
    else this.touched.pan(point.x - this.from.x, point.y - this.from.y);
    this.from = point;
  }

  /** Two fingers: the middle between them pans, their distance scales. */
  private pinch(id: number, point: Place): void {
    const before = this.fingers.get(id)!;
    const [other] = [...this.fingers].filter(([each]) => each !== id).map(([, at]) => at);
    this.fingers.set(id, point);
    const spread = (at: Place) => Math.max(1, Math.hypot(at.x - other!.x, at.y - other!.y));
    this.touched.pan((point.x - before.x) / 2, (point.y - before.y) / 2);
    this.touched.zoomAt({ x: (point.x + other!.x) / 2, y: (point.y + other!.y) / 2 }, spread(point) / spread(before));
  }

  private up(event: PointerEvent): void {
    const grip = this.grip;
    this.let(event);
    if (!grip) return;
    if (this.moved) {
      if (grip.key) this.touched.drop(grip.key);
      return;
    }
    const point = this.local(event);
    const line = grip.key ? null : this.touched.lineAt(point);
    if (grip.key) this.listener.node(grip.key, pointer(event));
    else if (line) this.listener.line(line, pointer(event));
    else this.listener.stage(pointer(event));
  }

  private let(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.grip = null;
  }

  private menu(event: MouseEvent): void {
    event.preventDefault();
    const point = this.local(event);
    const key = this.touched.nodeAt(point);
    const line = key ? null : this.touched.lineAt(point);
    if (key) this.listener.nodeMenu(key, pointer(event));
    else if (line) this.listener.lineMenu(line, pointer(event));
    else this.listener.stageMenu(pointer(event));
  }

  private local(event: MouseEvent): Place {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

function pointer(event: MouseEvent): Pointer {
  return { x: event.clientX, y: event.clientY, add: event.shiftKey || event.ctrlKey || event.metaKey };
}
