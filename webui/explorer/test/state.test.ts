import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, merge, togglePins } from "../src/state";
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

test("pins toggle together", () => {
  const state = merge(EMPTY, CHAIN);
  const both = togglePins(togglePins(state, [M1]), [M1, "Account:C"]);
  assert.equal(both.pinned.size, 2);
  assert.equal(togglePins(both, [M1, "Account:C"]).pinned.size, 0);
});

