/** Selecting by a drawn loop: everything inside it. Escape or a plain click gives up. */
import type { Core } from "../core";
import type { Key } from "../types";
import { el } from "./dom";

interface Point {
  readonly x: number;
  readonly y: number;
}

export function startLasso(host: HTMLElement, core: Core, color: string): void {
  host.querySelector(".rt-lasso")?.remove();
  const canvas = el("canvas", { class: "rt-lasso", tabindex: 0, "aria-label": core.words("lassoHow") });
  const box = host.getBoundingClientRect();
  canvas.width = box.width;
  canvas.height = box.height;
  const context = canvas.getContext("2d")!;
  let points: Point[] = [];
  const end = () => canvas.remove();
  canvas.addEventListener("pointerdown", (event) => {
    points = [{ x: event.offsetX, y: event.offsetY }];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!points.length) return;
    points.push({ x: event.offsetX, y: event.offsetY });
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.beginPath();
    for (const point of points) context.lineTo(point.x, point.y);
    context.closePath();
    context.strokeStyle = color;
    context.setLineDash([5, 4]);
    context.stroke();
    context.globalAlpha = 0.12;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  });
  canvas.addEventListener("pointerup", (event) => {
    const inside = points.length > 3 ? caught(core, points, box) : [];
    end();
    if (points.length > 3) core.select(event.shiftKey ? [...core.picked, ...inside] : inside);
    core.say(core.words("lassoDone", { n: inside.length }));
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end();
  });
  host.append(canvas);
  canvas.focus();
  core.say(core.words("lassoHow"));
}

function caught(core: Core, loop: readonly Point[], box: DOMRect): Key[] {
  return [...core.view.nodes.keys()].filter((key) => {
    const at = core.renderer.screen(key);
    return at !== null && inside({ x: at.x - box.left, y: at.y - box.top }, loop);
  });
}

/** Even-odd rule. */
export function inside(point: Point, loop: readonly Point[]): boolean {
  let within = false;
  loop.forEach((a, index) => {
    const b = loop[(index + 1) % loop.length]!;
    if (a.y > point.y !== b.y > point.y && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x) within = !within;
  });
  return within;
}
