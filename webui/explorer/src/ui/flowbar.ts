/** Playing the money through time: a step is a moment at which money moved; what has not happened yet is not drawn. */
import type { Core } from "../core";
import { frames, moments } from "../flow";
import { time } from "../format";
import { button, el, iconButton } from "./dom";

const STEP_MS = 160;

export class FlowBar {
  readonly element: HTMLElement;
  private readonly play: HTMLButtonElement;
  private readonly at = el("output", { class: "rt-note" });
  private timer = 0;
  private steps: number[] = [];
  private index = 0;

  constructor(private readonly core: Core) {
    const { words } = core;
    this.play = button(`▶ ${words("play")}`, () => this.toggle());
    this.element = el("span", { class: "rt-row rt-flowbar" }, this.play, iconButton("start", words("playStart"), () => this.go(0)), iconButton("next", words("playNext"), () => this.go(this.index + 1)), this.at);
  }

  get playing(): boolean {
    return this.timer !== 0;
  }

  private ready(): boolean {
    this.steps = frames(moments(this.core.state.rels.values()));
    if (!this.steps.length) this.core.say(this.core.words("playNothing"));
    return this.steps.length > 0;
  }

  private toggle(): void {
    if (this.playing) return this.pause();
    if (!this.ready()) return;
    if (this.index >= this.steps.length - 1) this.index = 0;
    this.play.textContent = `❚❚ ${this.core.words("pause")}`;
    // Those who asked for less motion step by hand: the first step only.
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return this.go(this.index);
    this.timer = window.setInterval(() => this.go(this.index + 1), STEP_MS);
  }

  private go(index: number): void {
    if (!this.steps.length && !this.ready()) return;
    this.index = Math.max(0, Math.min(index, this.steps.length - 1));
    const at = this.steps[this.index]!;
    this.at.textContent = time(at, this.core.options.zone);
    this.core.preview = { ...this.core.state.filter, toMs: at };
    this.core.redraw(false);
    if (this.index < this.steps.length - 1) return;
    this.pause();
    this.core.preview = null;
    this.core.redraw();
  }

  pause(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = `▶ ${this.core.words("play")}`;
  }
}
