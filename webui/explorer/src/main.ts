/** Mounts an explorer on every [data-explorer]. Attributes: data-finding="ID", data-keys='[["Account","A1"]]',
 * data-language, data-timezone, data-finding-url="/findings/__id__" (or <meta name="ringtrace-timezone"> and
 * "ringtrace-finding-url" for the whole page), data-plain (no WebGL). */
import "./explorer.css";
import { Explorer } from "./explorer";
import { namesIn } from "./i18n";
import { keyOf } from "./types";

declare global {
  interface HTMLElement {
    ringtraceExplorer?: Explorer;
  }
}

function mount(host: HTMLElement): void {
  if (host.ringtraceExplorer) return;
  const { language, timezone, findingUrl, finding, keys, view } = host.dataset;
  const explorer = new Explorer(host, {
    language: language || document.documentElement.lang || "en",
    names: namesIn(said("words")),
    zone: zoneOr(timezone || said("timezone"), "UTC"),
    findingUrl: findingUrl || said("finding-url"), nodeUrl: said("node-url"),
    plain: host.hasAttribute("data-plain") || new URLSearchParams(location.search).has("plain"),
    embedded: host.hasAttribute("data-explorer-embed"), store: said("store"), me: said("me"), may: new Set(said("may").split(" ").filter(Boolean)),
  });
  host.ringtraceExplorer = explorer;
  const handed = host.hasAttribute("data-from-console") ? sessionStorage.getItem("ringtrace-keys") : null;
  sessionStorage.removeItem("ringtrace-keys");
  if (view) void explorer.loadView(view);
  else if (handed) void explorer.loadKeys(parsed(handed));
  else if (finding) void explorer.loadFinding(finding);
  else if (keys) void explorer.loadKeys(parsed(keys));
}

/** What the page says once for all explorers on it: <meta name="ringtrace-…">. */
function said(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="ringtrace-${name}"]`)?.content ?? "";
}

function parsed(text: string): string[] {
  try {
    const pairs = JSON.parse(text) as [string, string][];
    return pairs.map(([label, id]) => keyOf(String(label), String(id)));
  } catch {
    return [];
  }
}

function zoneOr(zone: string | undefined, other: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone || other }).resolvedOptions().timeZone;
  } catch {
    return other;
  }
}

function mountAll(): void {
  for (const host of document.querySelectorAll<HTMLElement>("[data-explorer], [data-explorer-embed]")) mount(host);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
else mountAll();
document.addEventListener("htmx:afterSwap", mountAll);
