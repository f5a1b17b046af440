/** The JSON API under /api/v1. Every failure is a Problem with one line for the status bar. */
import type { Words } from "./i18n";
import type { ExportFormat, GroupCount, Hit, Key, NodeData, Pair, Subgraph } from "./types";
import { pairOf } from "./types";

export class Problem extends Error {
  constructor(message: string, readonly status: number, readonly code = "") {
    super(message);
  }
}

export interface ExpandChoice {
  readonly rel?: string;
  readonly direction?: string;
  readonly other_label?: string;
  readonly limit?: number;
  readonly order?: string;
  readonly from_ms?: number | undefined;
  readonly to_ms?: number | undefined;
  readonly min_minor?: number | undefined;
  readonly max_minor?: number | undefined;
}

/** How to follow money; see TraceOrder of the server. */
export interface TraceChoice {
  readonly direction: "down" | "up";
  readonly hops: number;
  readonly each: number;
  readonly min_minor: number;
  readonly within_ms: number | null;
  readonly to_ms?: number;
}

export interface PathChoice {
  readonly max_hops: number;
  readonly directed: boolean;
  readonly rels: readonly string[];
  readonly via: readonly Key[];
}

export interface LeftRow {
  readonly account_id: string;
  readonly name: string;
  readonly institution: string;
  readonly currency: string;
  readonly in_minor: number;
  readonly out_minor: number;
  readonly left_minor: number;
  readonly balance_minor: number | null;
  readonly last_ms: number;
  readonly reachable: boolean;
  readonly why: string;
}

export interface Reachable {
  readonly taken: Readonly<Record<string, number>>;
  readonly outside: Readonly<Record<string, number>>;
  readonly accounts: readonly LeftRow[];
  readonly rule: string;
  readonly assumed_opening: number;
  readonly omitted: readonly string[];
}

/** A saved view as the server lists it. */
export interface SavedView {
  readonly id: string;
  readonly title: string;
  readonly owner: string;
  readonly mine: boolean;
  readonly shared_with: readonly string[];
  readonly updated_at_ms: number;
  readonly nodes: number;
  readonly version: number;
}

export interface MenuQuery {
  readonly id: string;
  readonly title: string;
  readonly cypher: string;
  readonly parameter: string;
}

export interface Member {
  readonly label: string;
  readonly id: string;
  readonly role?: string | null;
  readonly layer?: number | null;
  readonly score?: number | null;
}

/** Findings' sentences come in the reader's language, not in the English that scripts get. */
const IN_OWN_WORDS = { "Ringtrace-Sentences": "reader" };

export class Api {
  constructor(private readonly words: Words, private readonly base = "/api/v1") {}

  search(q: string, signal?: AbortSignal): Promise<{ hits: Hit[] }> {
    return this.get("/search", { q, limit: "12" }, signal);
  }

  async node(key: Key): Promise<NodeData> {
    const [label, id] = pairOf(key);
    const answer = await this.get<NodeData | { node: NodeData }>("/node", { label, id });
    return "node" in answer ? answer.node : answer;
  }

  async neighbours(key: Key, narrow: Readonly<Record<string, number | undefined>> = {}): Promise<GroupCount[]> {
    const [label, id] = pairOf(key);
    const bounds = Object.fromEntries(Object.entries(narrow).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
    return (await this.get<{ groups: GroupCount[] }>("/neighbours", { label, id, ...bounds })).groups;
  }

  expand(key: Key, choice: ExpandChoice): Promise<Subgraph> {
    const [label, id] = pairOf(key);
    return this.post("/expand", { label, id, ...choice });
  }

  between(keys: readonly Key[]): Promise<Subgraph> {
    return this.post("/between", { keys: keys.map(pairOf) });
  }

  async paths(start: Key, end: Key, choice: PathChoice): Promise<Subgraph[]> {
    const body = { start: pairOf(start), end: pairOf(end), ...choice, via: choice.via.map(pairOf) };
    return (await this.post<{ paths: Subgraph[] }>("/paths", body)).paths;
  }

  trace(starts: readonly Key[], choice: TraceChoice): Promise<Subgraph> {
    return this.post("/trace", { starts: starts.map(pairOf), ...choice });
  }

  reachable(victims: readonly string[], accounts: readonly string[], rule: string, asOfMs?: number): Promise<Reachable> {
    return this.post("/reachable", { victims, accounts, rule, ...(asOfMs === undefined ? {} : { as_of_ms: asOfMs }) });
  }

  cypher(query: string, params: Readonly<Record<string, unknown>>): Promise<{ subgraph: Subgraph; truncated: boolean; rows: unknown[][] }> {
    return this.post("/cypher", { query, params });
  }

  async menuQueries(label: string): Promise<MenuQuery[]> {
    return (await this.get<{ queries: MenuQuery[] }>("/queries/menu", { label })).queries;
  }

  async views(): Promise<SavedView[]> {
    return (await this.get<{ views: SavedView[] }>("/views", {})).views;
  }

  view(id: string): Promise<{ view: SavedView; document: unknown; subgraph: Subgraph; ghosts: { label: string; id: string; why: "gone" | "restricted" }[] }> {
    return this.get(`/views/${encodeURIComponent(id)}`, {});
  }

  saveView(document: unknown, title: string, id?: string, version?: number): Promise<SavedView> {
    return this.post("/views", { title, document, ...(id ? { id, version } : {}) });
  }

  deleteView(id: string): Promise<unknown> {
    return this.post(`/views/${encodeURIComponent(id)}/delete`, {});
  }

  shareView(id: string, people: readonly string[], roles: readonly string[]): Promise<SavedView> {
    return this.post(`/views/${encodeURIComponent(id)}/share`, { people, roles });
  }

  async colleagues(): Promise<{ people: { name: string; full_name: string }[]; roles: { name: string; title: string }[] }> {
    return this.get("/colleagues", {});
  }

  autosave(document: unknown): Promise<unknown> {
    return this.post("/views/draft", { document });
  }

  draft(): Promise<{ document: unknown; updated_at_ms: number | null; subgraph: Subgraph; ghosts: { label: string; id: string; why: "gone" | "restricted" }[] }> {
    return this.get("/views/draft", {});
  }

  /** Read a file of ours again: the server checks it and gives what of it is in the graph. */
  importGraph(text: string): Promise<{ subgraph: Subgraph; places: { label: string; id: string; x: number; y: number }[]; ghosts: { label: string; id: string; why: "gone" | "restricted" }[]; title: string }> {
    return this.postText("/graph-file", text);
  }

  finding(id: string): Promise<Subgraph> {
    return this.get(`/findings/${encodeURIComponent(id)}/subgraph`, {});
  }

  /** A finding's title, and its members with their role and layer. */
  async findingHead(id: string): Promise<{ title: string; members: readonly Member[] }> {
    const { properties, members } = await this.get<{ properties?: { title?: string }; members?: Member[] }>(`/findings/${encodeURIComponent(id)}`, {});
    return { title: properties?.title ?? id, members: members ?? [] };
  }

  async exports(): Promise<ExportFormat[]> {
    const answer = await this.get<ExportFormat[] | { exports?: ExportFormat[]; formats?: ExportFormat[] }>("/exports", {});
    return Array.isArray(answer) ? answer : (answer.exports ?? answer.formats ?? []);
  }

  /** The file and the name the server gives it. */
  async export(format: string, body: { keys: Pair[]; [name: string]: unknown }): Promise<{ blob: Blob; name: string | null }> {
    const response = await this.send(`/exports/${encodeURIComponent(format)}`, body);
    const header = response.headers.get("Content-Disposition") ?? "";
    const star = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
    const name = star ? decodeURIComponent(star) : (/filename="?([^";]+)"?/i.exec(header)?.[1] ?? null);
    return { blob: await response.blob(), name };
  }

  private async get<T>(path: string, params: Record<string, string>, signal?: AbortSignal): Promise<T> {
    const query = new URLSearchParams(params).toString();
    const init: RequestInit = { headers: { Accept: "application/json", ...IN_OWN_WORDS }, ...(signal ? { signal } : {}) };
    return (await this.checked(fetch(this.base + path + (query ? `?${query}` : ""), init))).json() as Promise<T>;
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.send(path, body)).json() as Promise<T>;
  }

  /** A JSON text as it is, so that the server judges the file and not our reading of it. */
  private async postText<T>(path: string, body: string): Promise<T> {
    return (await this.sendText(path, body)).json() as Promise<T>;
  }

  private send(path: string, body: unknown): Promise<Response> {
    return this.sendText(path, JSON.stringify(body));
  }

  private sendText(path: string, body: string): Promise<Response> {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const headers = { "Content-Type": "application/json", Accept: "application/json, */*", "X-CSRFToken": token, ...IN_OWN_WORDS };
    return this.checked(fetch(this.base + path, { method: "POST", headers, body }));
  }

  private async checked(pending: Promise<Response>): Promise<Response> {
    const response = await pending.catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem(this.words("serverSilent"), 0);
    });
    if (response.redirected && response.url.includes("/login")) throw new Problem(this.words("signedOut"), 401);
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string; code?: string };
    throw new Problem(problem.detail || problem.title || this.words("serverAnswered", { status: response.status }), response.status, problem.code);
  }
}
