/** The search box: suggestions while typing, arrows and Enter to choose. */
import type { Api } from "../api";
import { visible } from "../format";
import { schemaName, type Words } from "../i18n";
import { styleOf } from "../style";
import type { Hit } from "../types";
import { el, fill, swatch } from "./dom";

/** What a pasted text lists, one a line, comma, semicolon or tab, each once; a single line is none. */
export function listIn(text: string): string[] {
  return /[\n\t;,，；]/.test(text.trim()) ? [...new Set(text.split(/[\n\r\t;,，；]+/).map((part) => part.trim()).filter(Boolean))] : [];
}

export class SearchBox {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  private readonly list = el("ul", { class: "rt-hits", role: "listbox", id: `rt-hits-${Math.random().toString(36).slice(2)}` });
  private hits: readonly Hit[] = [];
  private at = -1;
  /** The text the list answers, and whether Enter was pressed for one that it does not answer yet. */
  private answered = "";
  private entered = false;
  private timer = 0;
  private pending: AbortController | null = null;

  constructor(private readonly api: Api, private readonly words: Words, private readonly choose: (hit: Hit) => void, private readonly many: (texts: string[]) => void, private readonly failed: (error: unknown) => void) {
    this.input = el("input", {
      type: "search", class: "rt-input", placeholder: words("search"), "aria-label": words("search"), role: "combobox",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, autocomplete: "off", maxlength: 200,
    });
    this.list.hidden = true;
    this.element = el("div", { class: "rt-search" }, this.input, this.list);
    this.input.addEventListener("input", () => {
      this.entered = false;
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(), 90);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => {
      const texts = listIn(event.clipboardData?.getData("text/plain") ?? "");
      if (texts.length < 2) return;
      event.preventDefault();
      this.many(texts);
    });
    this.input.addEventListener("blur", () => { this.entered = false; });
    this.input.addEventListener("blur", () => window.setTimeout(() => this.show([], false), 150));
  }

  private async ask(): Promise<void> {
    const wanted = this.input.value.trim();
    this.pending?.abort();
    if (!wanted) return this.show([], false);
    const pending = (this.pending = new AbortController());
    try {
      const { hits } = await this.api.search(wanted, pending.signal);
      if (pending.signal.aborted) return;
      this.answered = wanted;
      this.show(hits, true);
      if (this.entered) this.take(0);
    } catch (error) {
      if (!pending.signal.aborted) this.failed(error);
    }
  }

  private show(hits: readonly Hit[], open: boolean): void {
    this.hits = hits;
    this.at = hits.length ? 0 : -1;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!hits.length) return fill(this.list, el("li", { class: "rt-note" }, this.words("noHits")));
    fill(this.list, ...hits.map((hit, index) => this.row(hit, index)));
    this.mark();
  }

  private row(hit: Hit, index: number): HTMLElement {
    const name = hit.name && hit.name !== hit.id ? visible(hit.name) : "";
    const down = (event: Event) => {
      event.preventDefault();
      this.take(index);
    };
    return el("li", { role: "option", id: `${this.list.id}-${index}`, on: { pointerdown: down } },
      swatch(styleOf(hit.label)), el("span", { class: "rt-hit-id" }, visible(hit.id)), name && el("span", {}, name),
      el("span", { class: "rt-note" }, schemaName(this.words, hit.label)));
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      this.at = (this.at + step + this.hits.length) % this.hits.length;
      this.mark();
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.at >= 0 && this.answered === this.input.value.trim()) return this.take(this.at);
      // Never a node found for what stood there before: the first of the answer to what stands there now.
      clearTimeout(this.timer);
      this.entered = true;
      void this.ask();
    } else if (event.key === "Escape") {
      this.show([], false);
      this.input.blur();
    }
  }

  private mark(): void {
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.at)));
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  private take(index: number): void {
    const hit = this.hits[index];
    this.entered = false;
    if (!hit) return;
    this.input.value = "";
    this.show([], false);
    this.choose(hit);
  }
}
