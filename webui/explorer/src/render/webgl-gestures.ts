/** What a hand does on sigma's stage: click, drag a node, the menu. The plain canvas has its own (canvas-gestures.ts). */
import type { MultiDirectedGraph } from "graphology";
import type Sigma from "sigma";
import type { MouseCoords, SigmaNodeEventPayload } from "sigma/types";
import type { Key } from "../types";
import type { Listener, Pointer } from "./renderer";

export class WebGLGestures {
  private dragging: Key | null = null;
  private hasMoved = false;
  private clicked: Key | null = null;

  constructor(private readonly sigma: Sigma, private readonly graph: MultiDirectedGraph, private readonly listener: Listener) {
    const stop = (event: { preventSigmaDefault(): void }) => event.preventSigmaDefault();
    sigma.on("clickNode", (e) => this.click(e));
    // sigma takes two quick clicks on two nodes for a double click on the second.
    sigma.on("doubleClickNode", (e) => {
      stop(e);
      if (e.node === this.clicked) listener.nodeTwice(e.node, this.pointer(e.event));
      else this.click(e);
    });
    sigma.on("rightClickNode", (e) => { stop(e); e.event.original.preventDefault(); listener.nodeMenu(e.node, this.pointer(e.event)); });
    sigma.on("clickEdge", (e) => listener.line(e.edge, this.pointer(e.event)));
    sigma.on("rightClickEdge", (e) => { stop(e); e.event.original.preventDefault(); listener.lineMenu(e.edge, this.pointer(e.event)); });
    sigma.on("clickStage", (e) => listener.stage(this.pointer(e.event)));
    sigma.on("doubleClickStage", stop);
    sigma.on("rightClickStage", (e) => { e.event.original.preventDefault(); listener.stageMenu(this.pointer(e.event)); });
    sigma.on("downNode", (e) => this.grab(e));
    sigma.on("moveBody", ({ event }) => this.carry(event));
    sigma.on("upNode", () => this.drop());
    sigma.on("upStage", () => this.drop());
  }

  private click(e: SigmaNodeEventPayload): void {
    this.clicked = e.node;
    if (!this.hasMoved) this.listener.node(e.node, this.pointer(e.event));
  }

  private grab(e: SigmaNodeEventPayload): void {
    if ((e.event.original as MouseEvent).button) return;
    this.dragging = e.node;
    this.hasMoved = false;
    // The frame must not rescale under the hand.
    if (!this.sigma.getCustomBBox()) this.sigma.setCustomBBox(this.sigma.getBBox());
  }

  private carry(event: MouseCoords): void {
    if (!this.dragging) return;
    const place = this.sigma.viewportToGraph(event);
    this.hasMoved = true;
    this.graph.mergeNodeAttributes(this.dragging, place);
    event.preventSigmaDefault();
    event.original.preventDefault();
  }

  private drop(): void {
    if (this.dragging && this.hasMoved) {
      const { x, y } = this.graph.getNodeAttributes(this.dragging);
      this.listener.dragged(this.dragging, { x: x as number, y: y as number });
    }
    this.dragging = null;
  }

  private pointer(event: MouseCoords | { x: number; y: number; original: MouseEvent | TouchEvent }): Pointer {
    const box = this.sigma.getContainer().getBoundingClientRect();
    const { shiftKey, ctrlKey, metaKey } = event.original;
    return { x: event.x + box.left, y: event.y + box.top, add: shiftKey || ctrlKey || metaKey };
  }
}
