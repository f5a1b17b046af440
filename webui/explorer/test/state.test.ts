import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/history";
import { collapsible, EMPTY, hide, merge, move, remove, restore, togglePins, type State } from "../src/state";
import { account, CHAIN, transfer } from "./samples";

const M1 = "Account:M1";

test("merging twice changes nothing and never drops a place", () => {
  const once = merge(EMPTY, CHAIN);
  const twice = merge(once, CHAIN);
  assert.equal(twice.nodes.size, 4);
  assert.equal(twice.rels.size, 5);
  assert.deepEqual(twice.places, once.places);
});

test("every node has its own finite place", () => {
  const many = { nodes: Array.from({ length: 500 }, (_v, i) => account(`A${i}`)), rels: [] };
  const places = [...merge(merge(EMPTY, CHAIN), many, M1).places.values()];
  assert.equal(new Set(places.map((p) => `${p.x.toFixed(3)},${p.y.toFixed(3)}`)).size, 504);
  assert.ok(places.every((p) => Number.isFinite(p.x) && Number.isFinite(p.y)));
});

test("a relationship without both ends is not kept", () => {
  assert.equal(merge(EMPTY, { nodes: [account("A")], rels: [transfer("t", "A", "B")] }).rels.size, 0);
});

test("collapse takes what the expansion brought, further down too, but not what is pinned", () => {
  let state = merge(EMPTY, { nodes: [account("M1")], rels: [] });
  state = merge(state, { nodes: [account("M1"), account("X"), account("Y")], rels: [transfer("a", "M1", "X")] }, M1);
  state = merge(state, { nodes: [account("X"), account("Z")], rels: [transfer("b", "X", "Z")] }, "Account:X");
  state = togglePins(state, ["Account:Y"]);
  assert.deepEqual(collapsible(state, M1).sort(), ["Account:X", "Account:Z"]);
  const left = remove(state, collapsible(state, M1));
  assert.deepEqual([...left.nodes.keys()].sort(), ["Account:M1", "Account:Y"]);
  assert.equal(left.rels.size, 0);
});

test("pins toggle together", () => {
  const state = merge(EMPTY, CHAIN);
  const both = togglePins(togglePins(state, [M1]), [M1, "Account:C"]);
  assert.equal(both.pinned.size, 2);
  assert.equal(togglePins(both, [M1, "Account:C"]).pinned.size, 0);
});

test("undo gives back exactly the state before, whatever was done", () => {
  const actions: [string, (state: State) => State][] = [
    ["add", (s) => merge(s, CHAIN)], ["move", (s) => move(s, new Map([[M1, { x: 9, y: 9 }]]))], ["pin", (s) => togglePins(s, [M1])],
    ["hide", (s) => hide(s, [M1])], ["restore", (s) => restore(s, [M1])], ["filter", (s) => ({ ...s, filter: { fromMs: 5 } })], ["remove", (s) => remove(s, [M1])],
  ];
  const history = new History<State>(EMPTY);
  const seen = [EMPTY];
  for (const [name, action] of actions) {
    history.push(action(history.state), name);
    seen.push(history.state);
  }
  for (let i = actions.length - 1; i >= 0; i--) {
    assert.equal(history.undoName, actions[i]![0]);
    assert.ok(history.undo());
    assert.equal(history.state, seen[i]);
  }
  assert.equal(history.undo(), false);
  for (let i = 1; i < seen.length; i++) {
    assert.ok(history.redo());
    assert.equal(history.state, seen[i]);
  }
  assert.equal(history.redo(), false);
});

test("a new action forgets what was undone; history stays within its limit", () => {
  const history = new History(0, 3);
  for (let i = 1; i <= 5; i++) history.push(i, `s${i}`);
  assert.deepEqual([history.undo(), history.undo(), history.undo(), history.undo()], [true, true, true, false]);
  assert.equal(history.state, 2);
  history.push(9, "new");
  assert.equal(history.redoName, null);
  history.amend(10);
  assert.equal(history.state, 10);
  assert.ok(history.undo() && history.state === 2);
});
