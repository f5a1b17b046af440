/**
 * What a stop-payment order could still reach, beside the money on the canvas: asked anew when the accounts, the victims, the
 * rule or the moment change, a short rest after the last change. A figure that no longer fits what is drawn is not shown.
 */
import type { LeftRow, Reachable } from "./api";
import type { Core } from "./core";
import { accountsOf } from "./flow";
import type { Word } from "./i18n";
import { kept } from "./kept";
import type { State } from "./state";
import { keyOf, pairOf, type Key } from "./types";

const QUIET_MS = 350;
/** As many accounts as the server judges at once. */
export const MOST_JUDGED = 500;
const MOST_VICTIMS = 50;

export type ReachRule = "own_first" | "traced_first";

/** What is asked: ids of accounts, in an order that the same canvas always gives. */
export interface ReachQuestion {
  readonly victims: readonly Key[];
  readonly accounts: readonly Key[];
  readonly rule: ReachRule;
  readonly asOfMs: number | undefined;
  /** Accounts on the canvas beyond what can be judged at once. */
  readonly beyond: number;
}

export interface Reach {
  readonly question: ReachQuestion;
  readonly found: Reachable;
  /** By account; one with several currencies has several rows. */
  readonly rows: ReadonlyMap<Key, readonly LeftRow[]>;
}

const isAccount = (key: Key) => key.startsWith("Account:");

/** Whose money is looked for: those chosen, else those a finding calls victims, else where the money was followed from. */
export function victimsOf(state: State): Key[] {
  const there = (key: Key) => isAccount(key) && state.nodes.has(key) && !state.ghosts.has(key);
  if (state.reach) return state.reach.victims.filter(there);
  const called = [...state.nodes].filter(([key, node]) => node.properties["role"] === "victim" && there(key));
  const first = called.length ? called : [...state.nodes].filter(([key, node]) => node.properties["layer"] === 0 && there(key));
  return first.map(([key]) => key);
}

/** The question a canvas asks, or why it asks none. */
export function questionOf(state: State, core: Pick<Core, "view">): ReachQuestion | Word {
  const victims = victimsOf(state).slice(0, MOST_VICTIMS);
  if (!victims.length) return "reachNoVictims";
  const all = accountsIn(state).filter((key) => !victims.includes(key));
  if (!all.length) return "reachNone";
  const money = accountsOf(core.view);
  const came = (key: Key) => Math.max(0, ...(money.get(key)?.ins.values() ?? []));
  // Where more are drawn than can be judged, those that most money came to.
  const accounts = all.length > MOST_JUDGED ? [...all].sort((a, b) => came(b) - came(a) || (a < b ? -1 : 1)).slice(0, MOST_JUDGED) : all;
  const moments = [state.asOf?.kind === "happened" ? state.asOf.atMs : undefined, state.filter.toMs].filter((at): at is number => at !== undefined);
  return { victims, accounts: [...accounts].sort(), rule: state.reach?.rule ?? "own_first", asOfMs: moments.length ? Math.min(...moments) : undefined, beyond: all.length - accounts.length };
}

const accountsIn = kept((state: State): readonly Key[] => [...state.nodes.keys()].filter((key) => isAccount(key) && !state.ghosts.has(key)));

function signature(question: ReachQuestion): string {
  return JSON.stringify([question.victims, question.accounts, question.rule, question.asOfMs ?? null]);
}

export class Reaching {
  private timer = 0;
  /** What was asked last, answered or not. */
  private asked = "";
  private answer: Reach | null = null;
  /** Why there are no figures although money is shown; null when there are some, or none are wanted. */
  why: Word | null = null;
  failed = "";

  constructor(private readonly core: Core) {}

  /** Look at the canvas as it is drawn now; what does not fit it goes, and what is missing is asked for. */
  look(state: State): Reach | null {
    this.why = null;
    if (state.mode !== "flow" || !this.core.reachOn) return this.rest();
    const question = questionOf(state, this.core);
    if (typeof question === "string") {
      this.why = question;
      return this.rest();
    }
    const now = signature(question);
    if (this.asked !== now) {
      this.asked = now;
      this.failed = "";
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(question, now), QUIET_MS);
    }
    return this.answer && signature(this.answer.question) === now ? this.answer : null;
  }

  private rest(): null {
    window.clearTimeout(this.timer);
    this.asked = "";
    return null;
  }

  private async ask(question: ReachQuestion, now: string): Promise<void> {
    const ids = (keys: readonly Key[]) => keys.map((key) => pairOf(key)[1]);
    try {
      const found = await this.core.api.reachable(ids(question.victims), ids(question.accounts), question.rule, question.asOfMs);
      if (this.asked !== now) return;
      const rows = new Map<Key, LeftRow[]>();
      for (const row of found.accounts) {
        const key = keyOf("Account", row.account_id);
        rows.set(key, [...(rows.get(key) ?? []), row]);
      }
      this.answer = { question, found, rows };
    } catch (error) {
      if (this.asked !== now) return;
      this.failed = error instanceof Error ? error.message : String(error);
    }
    this.core.redraw();
  }
}

export interface ReachSums {
  readonly within: ReadonlyMap<string, number>;
  readonly beyond: ReadonlyMap<string, number>;
  readonly accounts: number;
}

/** Totals by currency: what can still be caught, and what lies where no order reaches. */
export function sumsOf(reach: Reach): ReachSums {
  const within = new Map<string, number>();
  const beyond = new Map<string, number>();
  const accounts = new Set<string>();
  for (const row of reach.found.accounts) {
    if (!row.left_minor) continue;
    const into = row.reachable ? within : beyond;
    into.set(row.currency, (into.get(row.currency) ?? 0) + row.left_minor);
    if (row.reachable) accounts.add(row.account_id);
  }
  return { within, beyond, accounts: accounts.size };
}
