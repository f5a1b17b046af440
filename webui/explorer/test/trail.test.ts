import assert from "node:assert/strict";
import { test } from "node:test";
import { trailOf } from "../src/trail";
import { relKey, type RelData } from "../src/types";
import { CHAIN, transfer } from "./samples";

const ids = (keys: Iterable<string>) => [...keys].map((key) => key.slice("TRANSFER:".length)).sort();
const of = (rels: readonly RelData[], id: string) => {
  const { up, down } = trailOf(rels, rels.filter((rel) => rel.id === id));
  return [ids(up), ids(down)];
};

test("the way of one transfer is what came before it and what left after it", () => {
  assert.deepEqual(of(CHAIN.rels, "t3"), [["t1", "t2"], ["t5"]]);
  assert.deepEqual(of(CHAIN.rels, "t1"), [[], ["t3", "t4", "t5"]]);
  assert.deepEqual(of(CHAIN.rels, "t5"), [["t1", "t2", "t3"], []]);
});

test("money never goes on before it came, not even round a circle", () => {
  const rels = [transfer("early", "B", "C", 1, 5), transfer("a", "A", "B", 1, 10), transfer("late", "B", "C", 1, 10), transfer("back", "C", "A", 1, 20), transfer("gone", "C", "D", 1, 4)];
  assert.deepEqual(of(rels, "a"), [[], ["back", "late"]]);
  assert.deepEqual(of(rels, "back"), [["a", "early", "late"], []]);
});

test("an earlier arrival found later opens what a later one could not", () => {
  const rels = [transfer("x", "A", "B", 1, 0), transfer("slow", "B", "C", 1, 50), transfer("h1", "B", "D", 1, 1), transfer("h2", "D", "C", 1, 2), transfer("on", "C", "E", 1, 10)];
  assert.deepEqual(of(rels, "x"), [[], ["h1", "h2", "on", "slow"]]);
});

test("it agrees with every chain tried by hand on random networks", () => {
  let seed = 9;
  const roll = (below: number) => ((seed = (seed * 1103515245 + 12345) % 2147483648) >> 8) % below;
  for (let round = 0; round < 60; round++) {
    const rels = Array.from({ length: 9 }, (_v, index) => transfer(`${index}`, `N${roll(5)}`, `N${roll(5)}`, 1, roll(6)));
    const first = rels[0]!;
    const found = new Set<string>();
    const follow = (rel: RelData, seen: readonly RelData[]) => {
      for (const next of rels) {
        if (seen.includes(next) || next.start[1] !== rel.end[1] || Number(next.properties["at_ms"]) < Number(rel.properties["at_ms"])) continue;
        found.add(relKey(next));
        follow(next, [...seen, next]);
      }
    };
    follow(first, [first]);
    assert.deepEqual(ids(trailOf(rels, [first]).down), ids(found));
  }
});

test("what has no time is counted, not followed", () => {
  const untimed = { ...transfer("u", "M2", "Z"), properties: { amount_minor: 1, currency: "CNY" } };
  const trail = trailOf([...CHAIN.rels, untimed], [CHAIN.rels[2]!]);
  assert.equal(trail.untimed, 1);
  assert.ok(!trail.down.has("TRANSFER:u"));
});
