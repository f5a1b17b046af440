import assert from "node:assert/strict";
import { test } from "node:test";
import { caption, money, shortMoney, shown, time, visible } from "../src/format";
import { CATALOGUES, namesIn, schemaName, storedValue, wordsFor } from "../src/i18n";
import { listIn } from "../src/ui/search";
import { account } from "./samples";

test("money is exact, grouped, with its currency", () => {
  assert.equal(money(1_200_000, "CNY"), "12,000.00 CNY");
  assert.equal(money(5, "CNY"), "0.05 CNY");
  assert.equal(money(-150, "USD"), "-1.50 USD");
  assert.equal(money(1000, "JPY"), "1,000 JPY");
  assert.equal(money(1, "BTC"), "0.00000001 BTC");
  assert.equal(money("123456789012345678", "CNY"), "1,234,567,890,123,456.78 CNY");
  assert.equal(shortMoney(1_234_500, "CNY"), "12.3K CNY");
});

test("times are in the installation's zone", () => {
  assert.equal(time(1_714_536_000_000, "Asia/Shanghai"), "2024-05-01 12:00:00");
  assert.equal(time(1_714_536_000_000, "UTC"), "2024-05-01 04:00:00");
  assert.equal(time(Infinity, "UTC"), "Infinity");
});

test("what cannot be seen is written out, what can be is left alone", () => {
  assert.equal(visible("invoice\u202efdp.exe"), "invoice\\u202efdp.exe");
  assert.equal(visible("a\u200bb\ufeff\u0000"), "a\\u200bb\\ufeff\\u0000");
  assert.equal(visible("\ud800x"), "\\ud800x");
  assert.equal(visible("a\u200db"), "a\\u200db");
  for (const text of ["王𠮷伟", "👨\u200d👩\u200d👧", "plain <b>text</b>"]) assert.equal(visible(text), text);
});

test("a caption is one short line and falls back to the id", () => {
  assert.equal(caption(account("A1", { name: "  " })), "A1");
  assert.equal(caption(account("A1", { name: "x".repeat(99) })).length, 40);
  assert.equal(caption(account("A1", { name: "a\n b" })), "a b");
});

test("properties are shown by what they are", () => {
  assert.equal(shown("coin_minor", 1_000_000, { coin: "USDT" }, "UTC"), "1.000000 USDT");
  assert.equal(shown("reasons", ["a", "b"], {}, "UTC"), "a\nb");
  assert.equal(shown("is_blocked", true, {}, "UTC"), "true");
});

test("both languages say everything, with the same places to fill in", () => {
  const holes = (text: string) => [...text.matchAll(/\{(\w+)(?::[^}]+)?\}/g)].map(([, name]) => name).sort().join();
  for (const [word, text] of Object.entries(CATALOGUES.en)) assert.equal(holes(CATALOGUES.zh[word] ?? "missing{x}"), holes(text), word);
  assert.equal(wordsFor("zh-CN").language, "zh");
  assert.equal(wordsFor("fr").language, "en");
  assert.equal(wordsFor("en")("showing", { n: 50, all: "4,819" }), "showing 50 of 4,819");
  assert.equal(wordsFor("en")("counts", { n: "1", m: "1,204" }), "1 node, 1,204 relationships");
  assert.equal(wordsFor("zh")("counts", { n: "1", m: "1,204" }), "1 个节点，1,204 条关系");
});

test("a pasted text is a list only where it has lines, commas or tabs", () => {
  assert.deepEqual(listIn("A1\n A2\r\nA1\n\n"), ["A1", "A2"]);
  assert.deepEqual(listIn("13800138000，13900139000；王芳"), ["13800138000", "13900139000", "王芳"]);
  assert.deepEqual(listIn("6222 0202 0001 2345"), []);
  assert.deepEqual(listIn("A1\n"), []);
});

test("names and values of the schema are the page's own words, and what is not handed over stands as it is", () => {
  const words = wordsFor("zh", namesIn('{"names":{"Account":"账户","cash_out":"取现"},"values":{"kind:short_code":"短号码"}}'));
  assert.deepEqual(["Account", "cash_out", "MOVED", "some_role"].map((name) => schemaName(words, name)), ["账户", "取现", "MOVED", "some role"]);
  assert.deepEqual([storedValue(words, "kind", "short_code"), storedValue(words, "name", "short_code")], ["短号码", "short_code"]);
  assert.deepEqual(namesIn("<not json>"), { names: {}, values: {} });
});
