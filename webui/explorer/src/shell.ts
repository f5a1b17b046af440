/** The explorer's frame: toolbar above, legend left, stage in the middle, details and table right, status below. */
import { button, el, fill, iconButton } from "./ui/dom";
import type { Word, Words } from "./i18n";
import type { LayoutName } from "./layout/kinds";

/** What the toolbar can ask for. */
export interface Commands {
  undo(): void;
  redo(): void;
  fit(): void;
  locate(): void;
  zoom(factor: number): void;
  layout(name: LayoutName): void;
  labels(on: boolean): void;
  amounts(on: boolean): void;
  expand(): void;
  pin(): void;
  hide(): void;
  path(): void;
  clear(): void;
  hiddenMenu(at: { x: number; y: number }): void;
  exportMenu(at: { x: number; y: number }): void;
  help(): void;
}

export class Shell {
  readonly element: HTMLElement;
  readonly stage = el("div", { class: "rt-stage", tabindex: 0, role: "application" });
  readonly empty: HTMLElement;
  readonly left = el("aside", { class: "rt-left" });
  readonly right = el("aside", { class: "rt-right" });
  private readonly status = el("span", { role: "status", class: "rt-status-text" });
  private readonly counts = el("span", { class: "rt-note rt-counts" });
  private readonly limits = el("span", { class: "rt-limits" });
  private readonly buttons: Record<"undo" | "redo", HTMLButtonElement>;
  private readonly hidden: HTMLButtonElement;
  private readonly layouts: HTMLSelectElement;
  private readonly stageBox: HTMLElement;

  constructor(private readonly words: Words, commands: Commands, search: HTMLElement, timeline: HTMLElement) {
    const under = (event: Event) => {
      const box = (event.currentTarget as Element).getBoundingClientRect();
      return { x: box.left, y: box.bottom + 2 };
    };
    this.buttons = { undo: iconButton("undo", words("undoNone"), () => commands.undo()), redo: iconButton("redo", words("redoNone"), () => commands.redo()) };
    this.hidden = el("button", { type: "button", class: "rt-btn", on: { click: (event: Event) => commands.hiddenMenu(under(event)) } });
    this.layouts = el("select", { class: "rt-input rt-select", "aria-label": words("layout") }, ...(["force", "layers", "radial", "circle"] as const).map((name) => el("option", { value: name }, words(name))));
    this.layouts.addEventListener("change", () => commands.layout(this.layouts.value as LayoutName));
    const again = button(words("layout"), () => commands.layout(this.layouts.value as LayoutName));
    const exports = el("button", { type: "button", class: "rt-btn", "aria-haspopup": "menu", on: { click: (event: Event) => commands.exportMenu(under(event)) } }, `${words("export")} ▾`);
    const bar = el("div", { class: "rt-toolbar", role: "toolbar", "aria-label": words("actions") },
      search, group(this.buttons.undo, this.buttons.redo), group(again, this.layouts),
      group(iconButton("fit", words("fit"), () => commands.fit()), iconButton("locate", words("locate"), () => commands.locate()), iconButton("plus", words("zoomIn"), () => commands.zoom(1.4)), iconButton("minus", words("zoomOut"), () => commands.zoom(1 / 1.4))),
      group(button(words("expand"), () => commands.expand()), button(words("pin"), () => commands.pin()), button(words("hide"), () => commands.hide()), this.hidden, button(words("path"), () => commands.path())),
      group(check(words("labels"), (on) => commands.labels(on)), check(words("amounts"), (on) => commands.amounts(on))),
      el("span", { class: "rt-grow" }), group(iconButton("trash", words("clear"), () => commands.clear()), exports, button("?", () => commands.help(), { class: "rt-btn rt-icon-btn", title: words("help"), "aria-label": words("help") })));
    this.empty = el("p", { class: "rt-empty" }, words("empty"));
    this.stageBox = el("div", { class: "rt-stage-box" }, this.stage, this.empty);
    const middle = el("div", { class: "rt-middle" }, this.stageBox, timeline);
    const foot = el("div", { class: "rt-status" }, this.status, el("span", { class: "rt-grow" }), this.limits, this.counts);
    this.element = el("div", { class: "rt-explorer" }, bar, el("div", { class: "rt-body" }, this.left, middle, this.right), foot);
  }

  /** Where dialogs open. */
  get over(): HTMLElement {
    return this.stageBox;
  }

  say(text: string, bad = false): void {
    this.status.textContent = text;
    this.status.classList.toggle("rt-bad", bad);
  }

  /** Limits that left something out stay on screen. */
  sayLimits(lines: readonly string[]): void {
    this.limits.title = lines.join("\n");
    this.limits.textContent = lines.length > 1 ? `${lines.at(-1)} (+${lines.length - 1})` : (lines[0] ?? "");
  }

  sayCounts(text: string): void {
    this.counts.textContent = text;
  }

  showHistory(undo: string | null, redo: string | null): void {
    for (const [name, what] of [["undo", undo], ["redo", redo]] as const) {
      const label = what === null ? this.words(`${name}None` as Word) : this.words(name, { what });
      this.buttons[name].disabled = what === null;
      this.buttons[name].title = label;
      this.buttons[name].setAttribute("aria-label", label);
    }
  }

  showHidden(n: number): void {
    fill(this.hidden, this.words("hidden", { n }));
    this.hidden.disabled = n === 0;
  }

  showLayout(name: LayoutName): void {
    this.layouts.value = name;
  }
}

function group(...children: HTMLElement[]): HTMLElement {
  return el("div", { class: "rt-group-box" }, ...children);
}

function check(text: string, change: (on: boolean) => void): HTMLElement {
  const box = el("input", { type: "checkbox", checked: true, on: { change: () => change(box.checked) } });
  return el("label", { class: "rt-check" }, box, text);
}
