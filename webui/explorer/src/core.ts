/** What the parts of one explorer share: the state with its history, the selection, and ways to say and show things. */
import { Api, Problem } from "./api";
import { apply, nameOf, type Command } from "./commands";
import { caption } from "./format";
import { History } from "./history";
import type { Names, Words } from "./i18n";
import type { Reach } from "./reaching";
import type { Renderer } from "./render/renderer";
import { EMPTY, type Filter, type State } from "./state";
import { pairOf, type Key } from "./types";
import { viewOf, type View } from "./view";

export interface Options {
  readonly language: string;
  readonly zone: string;
  readonly names: Names;
  readonly findingUrl: string;
  /** The page of a node, which takes its label and id. */
  readonly nodeUrl: string;
  /** Draw without WebGL even where there is one. */
  readonly plain: boolean;
  /** Embedded on another page: small, without views and panels of its own. */
  readonly embedded: boolean;
  readonly store: string;
  readonly me: string;
  readonly may: ReadonlySet<string>;
}

/** What the core asks of the page around it. */
export interface Screen {
  say(text: string, bad?: boolean): void;
  /** The state changed: draw everything. */
  changed(all: boolean): void;
  /** Only the selection or the look changed. */
  selected(): void;
  keepKeyboard(): void;
  /** What is being loaded or laid out at this moment; empty when all is at rest. */
  busy(what: string): void;
}

type Work = "loading" | "layout";

export class Core {
  readonly api: Api;
  readonly history = new History<State, Command>(EMPTY);
  view: View = viewOf(EMPTY);
  picked = new Set<Key>();
  pickedLines = new Set<Key>();
  labels = true;
  amounts = true;
  /** Whether money mode says what a stop-payment order could still reach, and what that is for the canvas as drawn. */
  reachOn = true;
  reach: Reach | null = null;
  renderer!: Renderer;
  /** A filter under the hand, or a moment being played: not yet in the history. */
  preview: Filter | null = null;
  private screen!: Screen;
  private readonly atWork: Work[] = [];
  /** Told about every command, for autosave and tests. */
  readonly listeners: (() => void)[] = [];

  constructor(readonly words: Words, readonly options: Options) {
    this.api = new Api(words);
  }

  attach(screen: Screen): void {
    this.screen = screen;
  }

  get state(): State {
    return this.history.state;
  }

  /** The state as drawn: with the filter under the hand. */
  get shown(): State {
    return this.preview ? { ...this.state, filter: this.preview } : this.state;
  }

  run(command: Command): void {
    const next = apply(this.state, command);
    this.preview = null;
    this.history.push(next, command);
    this.after();
  }

  /** Go on with the last command, such as its layout settling: no step of its own. */
  amend(state: State): void {
    this.history.amend(state);
  }

  undo(): void {
    this.preview = null;
    if (this.history.undo()) this.after();
  }

  redo(): void {
    this.preview = null;
    if (this.history.redo()) this.after();
  }

  private after(): void {
    this.screen.changed(true);
    this.screen.keepKeyboard();
    for (const listener of this.listeners) listener();
  }

  redraw(all = true): void {
    this.screen.changed(all);
  }

  select(nodes: Iterable<Key>, lines: Iterable<Key> = []): void {
    this.picked = new Set([...nodes].filter((key) => this.view.nodes.has(key) || this.state.remainders.has(key.replace(/^More:/, ""))));
    this.pickedLines = new Set([...lines].filter((key) => this.view.lines.has(key)));
    this.screen.selected();
  }

  /** Selected nodes that are really there: no connectors, no closed groups. */
  get real(): Key[] {
    return [...this.picked].filter((key) => this.state.nodes.has(key));
  }

  say(text: string, bad = false): void {
    this.screen.say(text, bad);
  }

  name(key: Key): string {
    const node = this.state.nodes.get(key);
    return node ? caption(node) : (this.view.groups.get(key)?.title ?? pairOf(key)[1]);
  }

  /** The page of a node; empty where there is none. */
  pageOf(key: Key): string {
    const [label, id] = pairOf(key);
    if (label === "Finding") return this.options.findingUrl.replace("__id__", encodeURIComponent(id));
    return this.options.nodeUrl && `${this.options.nodeUrl}?${new URLSearchParams({ label, id }).toString()}`;
  }

  undoName(): string | null {
    const command = this.history.undoable;
    return command && this.words(nameOf(command));
  }

  redoName(): string | null {
    const command = this.history.redoable;
    return command && this.words(nameOf(command));
  }

  /** Say what is being done, do it, and say what went wrong. */
  async working(text: string, job: () => Promise<void>): Promise<boolean> {
    this.say(text);
    this.occupied("loading");
    try {
      await job();
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    } finally {
      this.idle("loading");
    }
  }

  /** Something began that changes the picture when it ends. */
  occupied(what: Work): void {
    this.atWork.push(what);
    this.screen.busy(this.atWork.join(" "));
  }

  idle(what: Work): void {
    const at = this.atWork.indexOf(what);
    if (at >= 0) this.atWork.splice(at, 1);
    this.screen.busy(this.atWork.join(" "));
  }

  failed(error: unknown): void {
    if (error instanceof Problem && error.code === "query_budget") return this.say(`${this.words("stopped")} ${this.words("stoppedNext")}`, true);
    this.say(error instanceof Error ? error.message : String(error), true);
  }
}
