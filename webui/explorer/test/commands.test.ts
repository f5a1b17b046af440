import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, KINDS, nameOf, shownOf, type Bring, type Command } from "../src/commands";
import { History } from "../src/history";
import { wordsFor } from "../src/i18n";
import { collapsible, EMPTY, expansionsOf, type State } from "../src/state";
import type { Key, Remainder, Subgraph } from "../src/types";
import { account, CHAIN, transfer } from "./samples";

const M1 = "Account:M1";
const bring = (found: Subgraph, more: Partial<Bring> = {}): Bring => ({ do: "bring", name: "aAdd", found: [found], ...more });

/** Everything a state holds as plain data: two states are the same exactly when these are. */
function plain(state: State): string {
  return JSON.stringify(state, (_name, value: unknown) => (value instanceof Map ? { map: [...value] } : value instanceof Set ? { set: [...value] } : value));
}

/** A repeatable source of numbers (mulberry32). */
function dice(seed: number): (below: number) => number {
  let at = seed;
  return (below) => {
    at = (at + 0x6d2b79f5) | 0;
    let t = Math.imul(at ^ (at >>> 15), 1 | at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Any command, made for the state it meets. */
function anyCommand(state: State, roll: (below: number) => number, step: number): Command {
  const keys = [...state.nodes.keys()];
  const some = keys.filter(() => roll(3) === 0);
  const key = keys[roll(Math.max(1, keys.length))] ?? M1;
  const id = key.slice(key.indexOf(":") + 1);
  const kinds: (() => Command)[] = [
    () => bring(CHAIN),
    () => bring({ nodes: [account(id), account(`X${step}`)], rels: [transfer(`x${step}`, id, `X${step}`, 1 + roll(9999), roll(9999))] }, { near: key, expansion: "e", remainders: [{ root: key, rel: "TRANSFER", direction: "out", other_label: "Account", total: 1 + roll(9), others: 3 }] }),
    () => bring({ nodes: [account(id, { name: `n${step}` })], rels: [], omitted: [`cut ${step}`] }, { path: ["TRANSFER:t1"], ghosts: [[key, roll(2) ? "gone" : "restricted"]] }),
    () => ({ do: "move", name: "aMove", places: some.map((each) => [each, { x: roll(500), y: roll(500) }] as const) }),
    () => ({ do: "move", name: "aLayout", places: some.map((each) => [each, { x: roll(500), y: roll(500) }] as const), layout: (["force", "layers", "map"] as const)[roll(3)]!, ground: roll(2) ? [{ kind: "band", x: roll(9), y: 0, width: 9, text: `b${step}`, strong: true }] : [] }),
    () => ({ do: "hide", keys: some }), () => ({ do: "restore", keys: [...state.hidden] }), () => ({ do: "pin", keys: some }), () => ({ do: "remove", keys: some }),
    () => ({ do: "collapse", id: [...state.expansions.keys()][0] ?? "none" }),
    () => ({ do: "filter", filter: roll(2) ? { fromMs: roll(5000), min: roll(9), currency: "CNY" } : {} }),
    () => ({ do: "legend", kind: "offTypes", item: "TRANSFER" }), () => ({ do: "only", kind: "offLabels", item: "Account", all: ["Account", "Phone"] }),
    () => ({ do: "group", by: (["", "label", "device"] as const)[roll(3)]! }), () => ({ do: "openGroup", id: "Account" }), () => ({ do: "fold", on: roll(2) === 0 }), () => ({ do: "mode", mode: roll(2) ? "flow" : "network" }),
    () => ({ do: "note", note: { id: `n${roll(4)}`, kind: "node", key, text: `t${step}`, mark: "flag", author: "a", at_ms: step } }), () => ({ do: "unnote", id: `n${roll(4)}` }),
    () => ({ do: "look", look: (["type", "role", "score", "money"] as const)[roll(4)]! }), () => ({ do: "reach", reach: roll(2) ? { victims: [key], rule: "traced_first" } : null, ...(roll(2) ? { mode: "flow" as const } : {}) }),
    () => ({ do: "trail", rels: [...state.rels.keys()].filter(() => roll(2) === 0) }),
    () => ({ do: "asOf", asOf: roll(2) ? { atMs: roll(9999), kind: "known" } : null }), () => ({ do: "diff", diff: [[`n:${key}`, "added"]] }), () => ({ do: "open", state: { ...EMPTY, omitted: [`${step}`] } }), () => ({ do: "clear" }),
  ];
  // Bringing more often than clearing, so that there is something to work on.
  return kinds[roll(3) ? roll(kinds.length) : roll(3)]!();
}

test("undo and redo give back every action's state exactly, whatever was done in whatever order", () => {
  const words = wordsFor("en");
  const done = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const roll = dice(seed);
    const history = new History<State, Command>(EMPTY);
    const seen = [plain(EMPTY)];
    for (let step = 0; step < 40; step++) {
      const command = anyCommand(history.state, roll, step);
      const before = plain(history.state);
      const next = apply(history.state, command);
      assert.equal(plain(history.state), before, `${command.do} changed the state it was given`);
      assert.equal(plain(apply(history.state, command)), plain(next), `${command.do} is not the same twice`);
      assert.ok(words(nameOf(command)));
      done.add(command.do);
      history.push(next, command);
      seen.push(plain(next));
    }
    for (let at = seen.length - 1; at > 0; at--) {
      assert.equal(plain(history.state), seen[at]);
      assert.ok(history.undo());
    }
    assert.equal(plain(history.state), seen[0]);
    assert.equal(history.undo(), false);
    for (let at = 1; at < seen.length; at++) {
      assert.ok(history.redo());
      assert.equal(plain(history.state), seen[at], `seed ${seed}, redo ${at}`);
    }
    assert.equal(history.redo(), false);
  }
  assert.deepEqual([...done].sort(), [...KINDS].sort(), "every kind of command was tried");
});

test("a node never lacks its place, and no relationship lacks an end", () => {
  for (let seed = 100; seed < 130; seed++) {
    const roll = dice(seed);
    let state = EMPTY;
    for (let step = 0; step < 60; step++) {
      state = apply(state, anyCommand(state, roll, step));
      for (const key of state.nodes.keys()) assert.ok(state.places.has(key), `${key} has no place`);
      for (const rel of state.rels.values()) assert.ok(state.nodes.has(`${rel.start[0]}:${rel.start[1]}`) && state.nodes.has(`${rel.end[0]}:${rel.end[1]}`));
      for (const key of [...state.hidden, ...state.pinned, ...state.ghosts.keys()]) assert.ok(state.nodes.has(key), `${key} is remembered but gone`);
    }
  }
});

test("one expansion is taken back with what came from it, not what is pinned or was there before", () => {
  let state = apply(EMPTY, bring({ nodes: [account("M1"), account("OLD")], rels: [] }));
  state = apply(state, bring({ nodes: [account("M1"), account("OLD"), account("X"), account("Y")], rels: [transfer("a", "M1", "X"), transfer("o", "M1", "OLD")] }, { near: M1, expansion: "one" }));
  state = apply(state, bring({ nodes: [account("X"), account("Z")], rels: [transfer("b", "X", "Z")] }, { near: "Account:X", expansion: "two" }));
  state = apply(state, { do: "pin", keys: ["Account:Y"] });
  const [first] = expansionsOf(state, M1);
  assert.deepEqual([...collapsible(state, first!).nodes].sort(), ["Account:X", "Account:Z"]);
  const left = apply(state, { do: "collapse", id: first! });
  assert.deepEqual([...left.nodes.keys()].sort(), ["Account:M1", "Account:OLD", "Account:Y"]);
  assert.equal(left.rels.size, 0, "the relationship it brought between old nodes goes too");
  assert.equal(left.expansions.size, 0);
});

test("two expansions of one node are taken back one at a time", () => {
  let state = apply(EMPTY, bring({ nodes: [account("M1")], rels: [] }));
  for (const name of ["A", "B"]) state = apply(state, bring({ nodes: [account("M1"), account(name)], rels: [transfer(name, "M1", name)] }, { near: M1, expansion: name }));
  const ids = expansionsOf(state, M1);
  assert.equal(ids.length, 2);
  assert.deepEqual([...apply(state, { do: "collapse", id: ids[1]! }).nodes.keys()], [M1, "Account:A"]);
});

test("what an expansion left in the store stays as a connector until all of it is brought", () => {
  const rest: Remainder = { root: M1, rel: "TRANSFER", direction: "out", other_label: "Account", total: 3, others: 3 };
  const some = { nodes: [account("M1"), account("A")], rels: [transfer("a", "M1", "A")] };
  let state = apply(EMPTY, bring(some, { near: M1, remainders: [rest] }));
  assert.equal(state.remainders.size, 1);
  assert.equal(shownOf(state, rest), 1);
  state = apply(state, bring({ nodes: [account("M1"), account("B"), account("C")], rels: [transfer("b", "M1", "B"), transfer("c", "M1", "C")] }, { near: M1, remainders: [rest] }));
  assert.equal(state.remainders.size, 0);
  assert.equal(apply(apply(EMPTY, bring(some, { remainders: [rest] })), { do: "remove", keys: [M1 as Key] }).remainders.size, 0);
});

test("a new action forgets what was undone; history stays within its limit", () => {
  const history = new History<number, string>(0, 3);
  for (let i = 1; i <= 5; i++) history.push(i, `s${i}`);
  assert.deepEqual([history.undo(), history.undo(), history.undo(), history.undo()], [true, true, true, false]);
  assert.equal(history.state, 2);
  history.push(9, "new");
  assert.equal(history.redoable, null);
  history.amend(10);
  assert.equal(history.state, 10);
  assert.ok(history.undo() && history.state === 2);
});
