/** Everything a reader can do, in one list: menus, keys, toolbar and help are made from it. A disabled action says why. */
import type { Core } from "./core";
import type { Word } from "./i18n";
import { isMoney } from "./style";

export type Where = "node" | "line" | "selection" | "canvas" | "bar";

export interface Action {
  readonly id: string;
  readonly word: Word;
  /** As shown; `keys.ts` reads the same text. */
  readonly key?: string;
  readonly where: readonly Where[];
  /** Why it cannot be done now; null when it can. */
  readonly why: (core: Core) => Word | null;
}

const always = () => null;
const some = (core: Core): Word | null => (core.real.length ? null : "whySelect");
const one = (core: Core): Word | null => (core.real.length === 1 ? null : "whyOne");
const two = (core: Core): Word | null => (core.real.length >= 2 ? null : "whyTwo");
const any = (core: Core): Word | null => (core.view.nodes.size ? null : "whyEmpty");
const money = (core: Core): Word | null => (core.real.some((key) => /^(Account|Wallet):/.test(key)) ? null : "whyMoney");
const thing = (core: Core): Word | null => (core.picked.size + core.pickedLines.size ? null : "whyThing");
const paid = (core: Core): Word | null => ([...core.pickedLines].some((key) => isMoney(core.view.lines.get(key)?.type ?? "")) ? null : "whyTransfer");
const collapsed = (core: Core): Word | null => {
  const roots = new Set(core.real);
  return [...core.state.expansions.values()].some((item) => roots.has(item.root)) ? null : roots.size ? "whyNotExpanded" : "whySelect";
};

export const ACTIONS: readonly Action[] = [
  { id: "expand", word: "expand", key: "E", where: ["node", "bar"], why: one },
  { id: "neighbours", word: "neighboursOf", key: "N", where: ["node", "selection"], why: some },
  { id: "collapse", word: "collapse", key: "C", where: ["node"], why: collapsed },
  { id: "page", word: "openPage", where: ["node"], why: (core) => one(core) ?? (core.pageOf(core.real[0]!) ? null : "whyNoPage") },
  { id: "copy", word: "copyIds", key: "Ctrl+C", where: ["node", "selection"], why: some },
  { id: "inspect", word: "inspect", key: "I", where: ["node", "line"], why: thing },
  { id: "down", word: "traceDown", key: "D", where: ["node", "selection"], why: money },
  { id: "up", word: "traceUp", key: "U", where: ["node", "selection"], why: money },
  { id: "reachable", word: "reachable", key: "R", where: ["node", "selection"], why: money },
  { id: "trail", word: "trail", key: "X", where: ["line"], why: paid },
  { id: "path", word: "path", key: "P", where: ["selection", "bar"], why: two },
  { id: "note", word: "noteAdd", key: "O", where: ["node", "line"], why: thing },
  { id: "pin", word: "pinToggle", key: "K", where: ["node", "selection"], why: some },
  { id: "hide", word: "hide", key: "H", where: ["node", "selection", "bar"], why: some },
  { id: "show", word: "restoreAll", key: "Shift+H", where: ["canvas"], why: (core) => (core.state.hidden.size ? null : "whyNoHidden") },
  { id: "remove", word: "remove", key: "Delete", where: ["node", "selection"], why: some },
  { id: "selectKind", word: "selectAll", where: ["node"], why: some },
  { id: "selectAll", word: "selectEverything", key: "Ctrl+A", where: ["canvas"], why: any },
  { id: "others", word: "selectOthers", key: "Shift+A", where: ["selection", "canvas"], why: any },
  { id: "lasso", word: "lasso", key: "S", where: ["canvas", "bar"], why: any },
  { id: "locate", word: "locate", key: "L", where: ["node", "bar"], why: some },
  { id: "fit", word: "fit", key: "F", where: ["canvas", "bar"], why: any },
  { id: "flow", word: "flowMode", key: "M", where: ["canvas"], why: always },
  { id: "fold", word: "foldToggle", where: ["canvas"], why: (core) => (core.state.mode === "flow" ? "whyFlowFolds" : null) },
  { id: "legend", word: "legend", key: "G", where: ["canvas"], why: always },
  { id: "table", word: "table", key: "T", where: ["canvas"], why: always },
  { id: "names", word: "screenshot", key: "B", where: ["canvas"], why: always },
  { id: "cypher", word: "asCypher", key: "Y", where: ["node", "selection", "canvas"], why: (core) => (!core.options.may.has("cypher.run") ? "whyNoCypher" : any(core)) },
  { id: "search", word: "searchShort", key: "/", where: [], why: always },
  { id: "undo", word: "undoPlain", key: "Ctrl+Z", where: [], why: (core) => (core.history.undoable ? null : "undoNone") },
  { id: "redo", word: "redoPlain", key: "Ctrl+Y", where: [], why: (core) => (core.history.redoable ? null : "redoNone") },
  { id: "history", word: "history", where: ["canvas"], why: (core) => (core.history.log.commands.length ? null : "undoNone") },
  { id: "help", word: "help", key: "?", where: [], why: always },
  { id: "escape", word: "escape", key: "Esc", where: [], why: always },
];

export const BY_ID: ReadonlyMap<string, Action> = new Map(ACTIONS.map((action) => [action.id, action]));

/** Keys that only the drawing itself has. */
export const STAGE_KEYS: readonly (readonly [string, Word])[] = [["← ↑ → ↓", "keyArrows"], ["Space", "keySpace"], ["Enter", "keyEnter"]];
