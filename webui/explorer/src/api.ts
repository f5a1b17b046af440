/** The JSON API under /api/v1. Every failure is a Problem with one line for the status bar. */
import type { ExportFormat, GroupCount, Hit, Key, NodeData, Pair, Subgraph } from "./types";
import { pairOf } from "./types";

export class Problem extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

export interface ExpandChoice {
  readonly rel?: string;
  readonly direction?: string;
  readonly other_label?: string;
  readonly limit?: number;
  readonly order?: string;
}

export interface Member {
  readonly label: string;
  readonly id: string;
  readonly role?: string | null;
  readonly layer?: number | null;
}

export class Api {
  constructor(private readonly base = "/api/v1") {}

  search(q: string, signal?: AbortSignal): Promise<{ hits: Hit[] }> {
    return this.get("/search", { q, limit: "12" }, signal);
  }

  async node(key: Key): Promise<NodeData> {
    const [label, id] = pairOf(key);
    const answer = await this.get<NodeData | { node: NodeData }>("/node", { label, id });
    return "node" in answer ? answer.node : answer;
  }

  async neighbours(key: Key): Promise<GroupCount[]> {
    const [label, id] = pairOf(key);
    return (await this.get<{ groups: GroupCount[] }>("/neighbours", { label, id })).groups;
  }

  expand(key: Key, choice: ExpandChoice): Promise<Subgraph> {
    const [label, id] = pairOf(key);
    return this.post("/expand", { label, id, ...choice });
  }

  between(keys: readonly Key[]): Promise<Subgraph> {
    return this.post("/between", { keys: keys.map(pairOf) });
  }

  async paths(start: Key, end: Key, directed: boolean, maxHops = 6): Promise<Subgraph[]> {
    const body = { start: pairOf(start), end: pairOf(end), max_hops: maxHops, directed };
    return (await this.post<{ paths: Subgraph[] }>("/paths", body)).paths;
  }

  finding(id: string): Promise<Subgraph> {
    return this.get(`/findings/${encodeURIComponent(id)}/subgraph`, {});
  }

  /** Members of a finding with their role and layer. */
  async members(id: string): Promise<Member[]> {
    return (await this.get<{ members?: Member[] }>(`/findings/${encodeURIComponent(id)}`, {})).members ?? [];
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
    const init: RequestInit = { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) };
    return (await this.checked(fetch(this.base + path + (query ? `?${query}` : ""), init))).json() as Promise<T>;
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.send(path, body)).json() as Promise<T>;
  }

  private send(path: string, body: unknown): Promise<Response> {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const headers = { "Content-Type": "application/json", Accept: "application/json, */*", "X-CSRFToken": token };
    return this.checked(fetch(this.base + path, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  private async checked(pending: Promise<Response>): Promise<Response> {
    const response = await pending.catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem("the server does not answer", 0);
    });
    if (response.redirected && response.url.includes("/login")) throw new Problem("signed out: sign in again", 401);
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
    throw new Problem(problem.detail || problem.title || `the server answered ${response.status}`, response.status);
  }
}
