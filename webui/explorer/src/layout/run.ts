/** Starts a force layout in its worker and reports places as they settle. */
import { beside } from "../beside";
import type { Key, Place } from "../types";
import type { ForceResult, ForceTask } from "./force";

export class ForceRun {
  private worker: Worker | null = null;

  get running(): boolean {
    return this.worker !== null;
  }

  /** Run to the end; `onStep` gets places on the way, and `done` with the last. A run under way is stopped. */
  start(keys: readonly Key[], task: ForceTask, onStep: (places: Map<Key, Place>, done: boolean) => void, onError: () => void): void {
    this.stop();
    const worker = (this.worker = new Worker(beside("layout-worker.js")));
    worker.onerror = () => {
      this.stop();
      onError();
    };
    worker.onmessage = (event: MessageEvent<ForceResult>) => {
      if (worker !== this.worker) return;
      const { xs, ys, done } = event.data;
      if (done) this.stop();
      onStep(new Map(keys.map((key, index) => [key, { x: xs[index]!, y: ys[index]! }])), done);
    };
    worker.postMessage(task);
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = null;
  }
}
