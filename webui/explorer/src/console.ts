/** The Cypher editor of the console: highlighting, completion from the schema and the parameters, and ways to and from the explorer. */
import { autocompletion, closeBrackets, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { cypher } from "@codemirror/legacy-modes/mode/cypher";
import { EditorState } from "@codemirror/state";
import { tags } from "@lezer/highlight";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import "./console.css";

interface Schema {
  readonly labels: readonly { name: string; doc: string; properties: readonly { name: string; doc: string }[] }[];
  readonly rels: readonly { name: string; doc: string; properties: readonly { name: string; doc: string }[] }[];
}

/** Colours are the page's own variables, which reach into the shadow root. */
const LOOK = EditorView.theme({
  "&": { border: "1px solid var(--rt-line)", borderRadius: "6px", background: "var(--rt-code)", color: "var(--rt-text)", minHeight: "9rem", maxHeight: "26rem", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--rt-accent)" }, ".cm-scroller": { overflow: "auto", minHeight: "9rem", fontFamily: 'ui-monospace, "SF Mono", "DejaVu Sans Mono", Consolas, monospace' },
  ".cm-gutters": { background: "transparent", color: "var(--rt-muted)", border: "0" }, ".cm-cursor": { borderLeftColor: "var(--rt-text)" },
  ".cm-tooltip": { background: "var(--rt-panel)", color: "var(--rt-text)", border: "1px solid var(--rt-line)" }, ".cm-completionDetail": { color: "var(--rt-muted)" },
});
/** Readable on light and dark alike; weight and slant say the same as the colour. */
const COLORS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--rt-accent)", fontWeight: "600" }, { tag: tags.string, color: "var(--rt-good)" }, { tag: [tags.number, tags.bool, tags.null], color: "var(--rt-bad)" },
  { tag: tags.comment, color: "var(--rt-muted)", fontStyle: "italic" }, { tag: [tags.variableName, tags.name], color: "var(--rt-text)" }, { tag: [tags.standard(tags.name), tags.function(tags.name)], color: "var(--rt-accent)" },
]);
const WORDS = "MATCH OPTIONAL WHERE WITH RETURN ORDER BY SKIP LIMIT UNWIND UNION DISTINCT AND OR NOT IN AS CASE WHEN THEN ELSE END STARTS ENDS CONTAINS EXISTS COUNT count sum min max avg collect coalesce size toLower toUpper".split(" ");
let schema: Schema | null = null;

async function loadSchema(): Promise<void> {
  const response = await fetch("/api/v1/schema", { headers: { Accept: "application/json" } }).catch(() => null);
  if (response?.ok) schema = (await response.json()) as Schema;
}

/** What may stand here: labels after `(:`, types after `[:`, properties after a dot, parameters after `$`. */
export function completions(context: CompletionContext): CompletionResult | null {
  const before = context.matchBefore(/[$.:\w|]*/);
  if (!before || (before.from === before.to && !context.explicit)) return null;
  const text = context.state.sliceDoc(0, context.pos);
  const word = /\w*$/.exec(text)![0];
  const from = context.pos - word.length;
  const head = text.slice(0, from);
  if (head.endsWith("$")) return { from, options: parameterNames(context.state.doc.toString()).map((label) => ({ label, type: "variable" })) };
  if (!schema) return { from, options: WORDS.map((label) => ({ label, type: "keyword" })) };
  if (/\[[^\]]*[:|]\s*$/.test(head)) return { from, options: schema.rels.map((item) => ({ label: item.name, detail: item.doc, type: "type" })) };
  if (/\([^)]*[:|]\s*$/.test(head)) return { from, options: schema.labels.map((item) => ({ label: item.name, detail: item.doc, type: "class" })) };
  if (head.endsWith(".")) return { from, options: propertiesOf(text, head) };
  return { from, options: WORDS.map((label) => ({ label, type: "keyword" })) };
}

/** Properties of what the variable before the dot was bound to; of everything when that is not seen. */
function propertiesOf(text: string, head: string) {
  const name = /(\w+)\.$/.exec(head)?.[1] ?? "";
  const bound = new RegExp(`[([]\\s*${name}\\s*:\\s*(\\w+)`).exec(text)?.[1];
  const all = [...schema!.labels, ...schema!.rels];
  const kinds = all.filter((item) => item.name === bound);
  const seen = new Map((kinds.length ? kinds : all).flatMap((item) => item.properties.map((prop) => [prop.name, prop.doc] as const)));
  return [...seen].map(([label, detail]) => ({ label, detail, type: "property" }));
}

function parameterNames(text: string): string[] {
  const used = [...text.matchAll(/\$(\w+)/g)].map((match) => match[1]!);
  const given = document.querySelector<HTMLInputElement>("#params")?.value ?? "";
  try {
    return [...new Set([...used, ...Object.keys(JSON.parse(given || "{}") as object)])];
  } catch {
    return [...new Set(used)];
  }
}

/** Put an editor over a text area; the area stays what the form sends. */
function mount(area: HTMLTextAreaElement): EditorView {
  const submit = () => {
    area.form?.requestSubmit();
    return true;
  };
  // In a shadow root its styles are adopted sheets: the content policy allows no style elements in the page.
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  area.before(host);
  const editor = new EditorView({
    parent: root, root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), history(), bracketMatching(), closeBrackets(), StreamLanguage.define(cypher), syntaxHighlighting(COLORS),
        autocompletion({ override: [completions] }), keymap.of([{ key: "Mod-Enter", run: submit }, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        LOOK, EditorView.lineWrapping, EditorView.contentAttributes.of({ "aria-label": "Cypher" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  area.classList.add("rt-under-editor");
  area.tabIndex = -1;
  area.setAttribute("aria-hidden", "true");
  // The examples beside it write into the text area.
  area.addEventListener("input", () => {
    if (area.value !== editor.state.doc.toString()) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: area.value } });
  });
  return editor;
}

/** What the explorer handed over, once. */
function takeOver(editor: EditorView): void {
  const handed = sessionStorage.getItem("ringtrace-cypher");
  sessionStorage.removeItem("ringtrace-cypher");
  if (!handed) return;
  const { cypher: text, params } = JSON.parse(handed) as { cypher: string; params: object };
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  const field = document.querySelector<HTMLInputElement>("#params");
  if (field) field.value = JSON.stringify(params);
}

function start(): void {
  void loadSchema();
  const areas = [...document.querySelectorAll<HTMLTextAreaElement>("textarea[data-cypher]")];
  const editors = areas.map(mount);
  if (editors[0] && document.querySelector("#params")) takeOver(editors[0]);
  for (const made of document.querySelectorAll<HTMLButtonElement>("[data-to-explorer]")) {
    made.addEventListener("click", () => {
      sessionStorage.setItem("ringtrace-keys", made.dataset["toExplorer"] ?? "[]");
      window.open("/explorer?console", "_blank");
    });
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
