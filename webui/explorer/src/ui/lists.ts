/** Lists over the stage: what limits left out with the next step, what is hidden, what was done, which keys there are. */
import { ACTIONS, STAGE_KEYS } from "../actions";
import { nameOf, shownOf, type Command } from "../commands";
import type { Core } from "../core";
import { cypherOf, type Asked } from "../cypher";
import { count } from "../format";
import { schemaName } from "../i18n";
import type { Remainder } from "../types";
import { openDialog } from "./dialog";
import { button, el } from "./dom";

/** Every limit that cut something, each with its next step. */
export function showLimits(host: HTMLElement, core: Core, more: (item: Remainder) => void): void {
  const { words } = core;
  openDialog(host, words("limits"), words("close"), (dialog) => {
    const rows = [...core.state.remainders.values()].map((item) => {
      const shown = shownOf(core.state, item);
      const next = () => {
        dialog.close();
        more(item);
      };
      return el("li", {}, el("span", { class: "rt-grow" }, words("groupShowing", { name: core.name(item.root), n: count(shown), all: count(item.total), rel: schemaName(words, item.rel) })), button(words("showMore"), next));
    });
    const ghosts = [...core.state.ghosts.values()];
    const gone = ghosts.filter((why) => why === "gone").length;
    const said = [
      ...core.state.omitted, gone ? words("ghostsGone", { n: count(gone) }) : "", ghosts.length - gone ? words("ghostsRestricted", { n: count(ghosts.length - gone) }) : "",
      core.view.filteredRels ? words("filteredOut", { n: count(core.view.filteredNodes), m: count(core.view.filteredRels) }) : "", core.view.notMoney ? words("notMoney", { n: count(core.view.notMoney) }) : "",
    ].filter(Boolean);
    if (!rows.length && !said.length) return [el("p", {}, words("noLimits"))];
    return [el("ul", { class: "rt-list rt-rows" }, ...rows, ...said.map((line) => el("li", {}, line)))];
  }, { wide: true });
}

export function askedOf(command: Command): Asked | null {
  return command.do === "bring" ? (command.asked ?? null) : null;
}

/** Everything done so far, each with its Cypher; a click goes back or forward to it. */
export function showHistory(host: HTMLElement, core: Core, openCypher: (command: Command) => void): void {
  const { words } = core;
  openDialog(host, words("history"), words("close"), (dialog) => {
    const { commands, done } = core.history.log;
    const may = core.options.may.has("cypher.run");
    const rows = commands.map((command, index) => {
      const go = () => {
        dialog.close();
        while (core.history.log.done > index + 1) core.undo();
        while (core.history.log.done < index + 1) core.redo();
      };
      const text = `${index + 1}. ${words(nameOf(command))}${about(core, command)}`;
      const write = () => (may ? openCypher(command) : core.say(words("whyNoCypher"), true));
      const cypher = button("Cypher", write, { class: "rt-link", title: may ? words("asCypher") : words("whyNoCypher"), "aria-disabled": may ? undefined : "true" });
      return el("li", { class: index >= done ? "rt-dim" : "", "aria-current": index === done - 1 ? "step" : undefined }, button(text, go, { class: "rt-link rt-grow" }), cypher);
    });
    return [el("ol", { class: "rt-list rt-rows" }, ...rows.reverse())];
  }, { wide: true });
}

function about(core: Core, command: Command): string {
  const asked = askedOf(command);
  if (asked?.what === "expand") return ` · ${core.name(asked.key)}`;
  if (command.do === "hide" || command.do === "remove" || command.do === "pin") return ` · ${count(command.keys.length)}`;
  return "";
}

/** Cypher of one command; actions that asked the store nothing open what is drawn. */
export function cypherOfCommand(core: Core, command: Command, view: () => { cypher: string; params: object }): { cypher: string; params: object } {
  const asked = askedOf(command);
  return asked ? cypherOf(asked, core.options.store) : view();
}

export function showHelp(host: HTMLElement, core: Core): void {
  const { words } = core;
  openDialog(host, words("help"), words("close"), () => {
    const keys = ACTIONS.filter((action) => action.key).map((action) => [action.key!, action.word] as const);
    const rows = [...keys, ...STAGE_KEYS].map(([key, word]) => el("tr", {}, el("td", {}, el("kbd", {}, key)), el("td", {}, words(word))));
    return [el("p", {}, words("helpMouse")), el("table", { class: "rt-keys" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, words("key")), el("th", { scope: "col" }, words("action")))), el("tbody", {}, ...rows))];
  }, { wide: true });
}
