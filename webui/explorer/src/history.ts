/** Undo and redo by whole states: a state is immutable and shares what did not change, so a step back cannot be wrong. */
interface Step<T> {
  readonly state: T;
  readonly name: string;
}

export class History<T> {
  private steps: Step<T>[];
  private at = 0;

  constructor(first: T, private readonly limit = 200) {
    this.steps = [{ state: first, name: "" }];
  }

  get state(): T {
    return this.steps[this.at]!.state;
  }

  /** A new state after an action called `name`; what had been undone is forgotten. */
  push(state: T, name: string): void {
    this.steps = [...this.steps.slice(0, this.at + 1), { state, name }].slice(-this.limit - 1);
    this.at = this.steps.length - 1;
  }

  /** Replace the current state without a new step: the tail of the last action, such as its layout settling. */
  amend(state: T): void {
    this.steps[this.at] = { state, name: this.steps[this.at]!.name };
  }

  /** Name of the action that undo would take back, or null. */
  get undoName(): string | null {
    return this.at > 0 ? this.steps[this.at]!.name : null;
  }

  get redoName(): string | null {
    return this.steps[this.at + 1]?.name ?? null;
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
