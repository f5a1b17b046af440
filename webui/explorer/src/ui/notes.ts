/** A note or mark on what is selected. Author and time are put by the server when the view is saved. */
import type { Core } from "../core";
import { choice, field, openDialog } from "./dialog";
import { button, el } from "./dom";
import { relKey, type Key } from "../types";

const MARKS = ["", "flag", "question", "star", "cleared"] as const;
const LONGEST = 2000;

export function askNote(host: HTMLElement, core: Core): void {
  const { words } = core;
  const targets: { kind: "node" | "rel"; key: Key }[] = [
    ...core.real.map((key) => ({ kind: "node" as const, key })),
    ...[...core.pickedLines].flatMap((line) => (core.view.lines.get(line)?.rels ?? []).slice(0, 1).map((rel) => ({ kind: "rel" as const, key: relKey(rel) }))),
  ];
  if (!targets.length) return;
  openDialog(host, words("noteAdd"), words("close"), (dialog) => {
    const mark = choice(MARKS.map((each) => [each, each ? words(`mark_${each}`) : words("markNone")] as const), "flag");
    const text = el("textarea", { class: "rt-input", rows: 4, maxlength: LONGEST, "data-first": true });
    const submit = (event: Event) => {
      event.preventDefault();
      if (!text.value.trim() && !mark.value) return;
      dialog.close();
      for (const target of targets) core.run({ do: "note", note: { id: crypto.randomUUID(), ...target, text: text.value.trim(), mark: mark.value, author: core.options.me, at_ms: Date.now() } });
    };
    return [el("form", { on: { submit } }, el("p", { class: "rt-note" }, targets.length === 1 ? core.name(targets[0]!.key) : words("selectedN", { n: targets.length })), field(words("mark"), mark), field(words("noteText"), text),
      el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary" }, words("noteSave")), button(words("cancel"), dialog.close)))];
  });
}
