import assert from "node:assert/strict";
import { test } from "node:test";
import { pushApart, settle } from "../src/layout/force";
import { circle, layered, layerOf, radial } from "../src/layout/kinds";
import { EMPTY, merge } from "../src/state";
import { viewOf } from "../src/view";
import { account, CHAIN, transfer } from "./samples";

const view = viewOf(merge(EMPTY, CHAIN));
const lines = [...view.lines.values()];

test("layers follow the money from the payers", () => {
  const layers = layerOf(view.nodes, lines, []);
  assert.deepEqual(Object.fromEntries(layers), { "Account:V": 0, "Account:M1": 1, "Account:M2": 2, "Account:C": 2 });
});

test("a finding's own layers win, and a cycle ends", () => {
  const told = viewOf(merge(EMPTY, { nodes: [account("A", { layer: 3 }), account("B")], rels: [transfer("x", "A", "B"), transfer("y", "B", "A")] }));
  assert.deepEqual(Object.fromEntries(layerOf(told.nodes, told.lines.values(), [])), { "Account:A": 3, "Account:B": 4 });
  const ring = viewOf(merge(EMPTY, { nodes: [account("A"), account("B")], rels: [transfer("x", "A", "B"), transfer("y", "B", "A")] }));
  assert.equal(layerOf(ring.nodes, ring.lines.values(), []).size, 2);
});

test("every layout gives every node its own finite place", () => {
  for (const places of [layered(view.nodes, lines, []), radial(view.nodes, lines, "Account:V"), circle(view.nodes)]) {
    assert.equal(places.size, 4);
    assert.equal(new Set([...places.values()].map((p) => `${p.x.toFixed(2)},${p.y.toFixed(2)}`)).size, 4);
  }
  const x = layered(view.nodes, lines, []);
  assert.ok(x.get("Account:V")!.x < x.get("Account:M1")!.x && x.get("Account:M1")!.x < x.get("Account:C")!.x);
});

test("a crowded layer is folded, and layers stay in order", () => {
  const many = Array.from({ length: 80 }, (_, index) => account(`V${index}`));
  const crowd = viewOf(merge(EMPTY, { nodes: [...many, account("M"), account("C")], rels: [...many.map((_, index) => transfer(`t${index}`, `V${index}`, "M")), transfer("out", "M", "C")] }));
  const places = layered(crowd.nodes, [...crowd.lines.values()], []);
  const xs = many.map((_, index) => places.get(`Account:V${index}`)!.x);
  const ys = many.map((_, index) => places.get(`Account:V${index}`)!.y);
  const [width, height] = [places.get("Account:C")!.x - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
  assert.ok(Math.max(...xs) < places.get("Account:M")!.x && places.get("Account:M")!.x < places.get("Account:C")!.x);
  assert.ok(width > height, `${width} by ${height}`);
});

test("force layout leaves fixed nodes, spreads the others, and is the same every time", () => {
  const task = { xs: [0, 1, 2, 3], ys: [0, 0, 1, 1], sizes: [10, 10, 10, 10], fixed: [true, false, false, false], edges: [[0, 1, 1], [1, 2, 1], [1, 3, 1], [2, 2, 1]] as [number, number, number][] };
  const last = [...settle(task)].at(-1)!;
  assert.ok(last.done);
  assert.deepEqual([last.xs[0], last.ys[0]], [0, 0]);
  assert.ok(last.xs.every(Number.isFinite) && last.ys.every(Number.isFinite));
  for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) assert.ok(Math.hypot(last.xs[i]! - last.xs[j]!, last.ys[i]! - last.ys[j]!) > 40);
  assert.deepEqual([...settle(task)].at(-1), last);
});

test("nodes on one spot are pushed apart, two fixed ones stay", () => {
  const [xs, ys] = [[0, 0, 0, 5], [0, 0, 0, 5]];
  pushApart(xs, ys, [true, false, false, true]);
  assert.deepEqual([xs[0], ys[0], xs[3], ys[3]], [0, 0, 5, 5]);
  assert.ok(Math.hypot(xs[1]! - xs[2]!, ys[1]! - ys[2]!) > 30);
});
