/** Undo and redo by whole states: a state is immutable and shares what did not change, so a step back cannot be wrong. */
export interface Step<T, C> {
  readonly state: T;
  /** What led here; null for the first state. */
  readonly command: C | null;
}

export class History<T, C> {
  private steps: Step<T, C>[];
  private at = 0;

  constructor(first: T, private readonly limit = 500) {
    this.steps = [{ state: first, command: null }];
  }

  get state(): T {
    return this.steps[this.at]!.state;
  }

  /** A new state after a command; what had been undone is forgotten. */
  push(state: T, command: C): void {
    this.steps = [...this.steps.slice(0, this.at + 1), { state, command }].slice(-this.limit - 1);
    this.at = this.steps.length - 1;
  }

  /** Replace the current state without a new step: the tail of the last action, such as its layout settling. */
  amend(state: T): void {
    this.steps[this.at] = { ...this.steps[this.at]!, state };
  }

  /** The command that undo would take back, or null. */
  get undoable(): C | null {
    return this.at > 0 ? this.steps[this.at]!.command : null;
  }

  get redoable(): C | null {
    return this.steps[this.at + 1]?.command ?? null;
  }

  /** All commands in order, and how many of them are in effect. */
  get log(): { commands: C[]; done: number } {
    return { commands: this.steps.slice(1).map((step) => step.command!), done: this.at };
  }

  undo(): boolean {
    if (this.at === 0) return false;
    this.at -= 1;
    return true;
  }

  redo(): boolean {
    if (this.at + 1 >= this.steps.length) return false;
    this.at += 1;
    return true;
  }
}
