/** Saved views: keep, open, copy, share with named colleagues or a role, compare; and past times. */
import type { SavedView } from "../api";
import { at, compared } from "../compare";
import type { Core } from "../core";
import { documentOf, stateOf, type ViewDocument } from "../document";
import { count, time, visible } from "../format";
import type { Ground } from "../render/renderer";
import type { State } from "../state";
import { choice, field, openDialog, zonedMs, zonedText } from "./dialog";
import { button, el, fill } from "./dom";

export interface ViewHooks {
  /** A view is open now (or none): its name stands in the title. */
  readonly opened: (view: SavedView | null, readOnly: boolean) => void;
  readonly current: () => SavedView | null;
  /** What lies under a view that stands as its layout made it. */
  readonly ground: (state: State) => readonly Ground[];
}

export class Views {
  constructor(private readonly core: Core, private readonly host: HTMLElement, private readonly hooks: ViewHooks) {}

  /** Open by id. Nodes that are gone or not this reader's are drawn dashed and counted. */
  async open(id: string): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const { view, document, subgraph, ghosts } = await core.api.view(id);
      this.put(document as ViewDocument, subgraph, ghosts);
      this.hooks.opened(view, !view.mine);
      this.sayOpened(view.title, ghosts);
    });
  }

  async openDraft(): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const { document, subgraph, ghosts } = await core.api.draft();
      if (!document) return core.say(core.words("noDraft"));
      this.put(document as ViewDocument, subgraph, ghosts);
      this.sayOpened(core.words("draft"), ghosts);
    });
  }

  private put(document: ViewDocument, subgraph: Parameters<typeof stateOf>[1], ghosts: Parameters<typeof stateOf>[2]): void {
    const { core } = this;
    const { state, fresh } = stateOf(document, subgraph, ghosts);
    core.labels = document.labels;
    core.amounts = document.amounts;
    core.reachOn = document.reach_shown;
    const omitted = fresh ? [...state.omitted, core.words("freshRels", { n: count(fresh) })] : state.omitted;
    core.run({ do: "open", state: { ...state, omitted, ground: this.hooks.ground(state) } });
    core.renderer.fit();
  }

  private sayOpened(title: string, ghosts: readonly { why: string }[]): void {
    const { core } = this;
    const gone = ghosts.filter((ghost) => ghost.why === "gone").length;
    const parts = [core.words("viewOpened", { title: visible(title) }), gone ? core.words("ghostsGone", { n: count(gone) }) : "", ghosts.length > gone ? core.words("ghostsRestricted", { n: count(ghosts.length - gone) }) : ""];
    core.say(parts.filter(Boolean).join(" · "));
  }

  /** Save under a title; one's own open view is replaced, any other becomes a copy. */
  save(asCopy: boolean): void {
    const { core } = this;
    const { words } = core;
    const current = this.hooks.current();
    const replacing = current?.mine && !asCopy ? current : null;
    openDialog(this.host, words(asCopy ? "viewCopy" : "viewSave"), words("close"), (dialog) => {
      const title = el("input", { class: "rt-input", maxlength: 200, required: true, value: current ? (replacing ? current.title : `${current.title} (2)`) : "", "data-first": true });
      const submit = (event: Event) => {
        event.preventDefault();
        dialog.close();
        void core.working(words("loading"), async () => {
          const saved = await core.api.saveView(documentOf(core), title.value, replacing?.id, replacing?.version);
          this.hooks.opened(saved, false);
          core.say(words("viewSaved", { title: visible(saved.title) }));
        });
      };
      return [el("form", { on: { submit } }, field(words("title"), title), el("p", { class: "rt-note" }, words("viewWhat")),
        el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary" }, words("viewSave")), button(words("cancel"), dialog.close)))];
    });
  }

  /** The list of views: mine and those shared with me. */
  list(): void {
    const { core } = this;
    const { words } = core;
    openDialog(this.host, words("views"), words("close"), (dialog) => {
      const body = el("div", {}, words("loading"));
      const show = (views: readonly SavedView[]) => fill(body, views.length ? el("ul", { class: "rt-list rt-rows" }, ...views.map((view) => this.row(view, dialog.close))) : el("p", {}, words("viewsNone")));
      core.api.views().then(show, (error: unknown) => fill(body, el("p", { class: "rt-bad" }, error instanceof Error ? error.message : String(error))));
      return [body, el("p", { class: "rt-note" }, words("viewWhat"))];
    }, { wide: true });
  }

  private row(view: SavedView, close: () => void): HTMLElement {
    const { core } = this;
    const { words } = core;
    const open = () => {
      close();
      void this.open(view.id);
    };
    const about = `${visible(view.owner)} · ${time(view.updated_at_ms, core.options.zone)} · ${words("nodesN", { n: count(view.nodes) })}${view.shared_with.length ? ` · ${words("sharedWith", { names: view.shared_with.join(", ") })}` : ""}`;
    const remove = () => {
      close();
      void core.working(words("loading"), async () => {
        await core.api.deleteView(view.id);
        if (this.hooks.current()?.id === view.id) this.hooks.opened(null, false);
        core.say(words("viewDeleted", { title: visible(view.title) }));
      });
    };
    const compare = () => {
      close();
      void this.compareWith(view);
    };
    return el("li", {}, el("span", { class: "rt-grow" }, button(visible(view.title), open, { class: "rt-link" }), el("small", { class: "rt-note rt-block" }, about)),
      button(words("compare"), compare), view.mine ? button(words("share"), () => this.share(view)) : null, view.mine ? button(words("delete"), remove) : null);
  }

  /** Who else may open it, read-only. */
  share(view: SavedView): void {
    const { core } = this;
    const { words } = core;
    openDialog(this.host, words("shareTitle", { title: visible(view.title) }), words("close"), (dialog) => {
      const body = el("form", {}, words("loading"));
      const address = new URL(`/explorer?view=${encodeURIComponent(view.id)}`, location.href).href;
      const link = el("input", { class: "rt-input", readonly: true, value: address, "aria-label": words("address") });
      const shared = new Set(view.shared_with);
      core.api.colleagues().then(({ people, roles }) => {
        const tick = (name: string, value: string) => ({ value, box: el("input", { type: "checkbox", checked: shared.has(value) }), name });
        const persons = people.map((person) => tick(person.full_name ? `${person.full_name} (${person.name})` : person.name, person.name));
        const groups = roles.map((role) => tick(role.title, `role:${role.name}`));
        const list = (title: string, items: typeof persons) => el("fieldset", { class: "rt-types" }, el("legend", {}, title), ...items.map(({ box, name }) => el("label", { class: "rt-check" }, box, visible(name))));
        const submit = (event: Event) => {
          event.preventDefault();
          dialog.close();
          const on = (items: typeof persons) => items.filter(({ box }) => box.checked).map(({ value }) => value.replace(/^role:/, ""));
          void core.working(words("loading"), async () => {
            const saved = await core.api.shareView(view.id, on(persons), on(groups));
            this.hooks.opened(saved, false);
            core.say(saved.shared_with.length ? words("sharedWith", { names: saved.shared_with.join(", ") }) : words("sharedNone"));
          });
        };
        body.addEventListener("submit", submit);
        fill(body, list(words("colleagues"), persons), list(words("roles"), groups), field(words("address"), link), el("p", { class: "rt-note" }, words("shareWhat")),
          el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary" }, words("share")), button(words("cancel"), dialog.close)));
      }, (error: unknown) => fill(body, error instanceof Error ? error.message : String(error)));
      return [body];
    }, { wide: true });
  }

  private async compareWith(view: SavedView): Promise<void> {
    const { core } = this;
    await core.working(core.words("loading"), async () => {
      const { document, subgraph, ghosts } = await core.api.view(view.id);
      const then = stateOf(document as ViewDocument, subgraph, ghosts).state;
      this.showCompared(compared(then, core.state));
    });
  }

  private showCompared({ diff, union }: ReturnType<typeof compared>): void {
    const { core } = this;
    const counted = { added: 0, gone: 0, changed: 0 };
    for (const [, change] of diff) counted[change] += 1;
    core.run({ do: "open", state: { ...core.state, ...union, diff: new Map(diff) } });
    core.say(core.words("compared", { a: counted.added, b: counted.gone, c: counted.changed }));
  }

  /** Two dates of this canvas against each other, or a look at one past time. */
  times(): void {
    const { core } = this;
    const { words } = core;
    const { zone } = core.options;
    openDialog(this.host, words("asOfTitle"), words("close"), (dialog) => {
      const one = el("input", { type: "datetime-local", step: 1, class: "rt-input", value: core.state.asOf ? zonedText(core.state.asOf.atMs, zone) : "", "data-first": true });
      const two = el("input", { type: "datetime-local", step: 1, class: "rt-input" });
      const kind = choice([["happened", words("asOfHappened")], ["known", words("asOfKnown")]], core.state.asOf?.kind ?? "happened");
      const note = el("p", { class: "rt-note", role: "alert" });
      const chosen = () => kind.value as "happened" | "known";
      const go = (event: Event) => {
        event.preventDefault();
        const from = zonedMs(one.value, zone);
        const to = zonedMs(two.value, zone);
        if (from === undefined) {
          note.textContent = words("asOfNeed");
          return;
        }
        dialog.close();
        if (to === undefined) {
          core.run({ do: "asOf", asOf: { atMs: from, kind: chosen() } });
          return core.say(words("asOfNow", { at: time(from, zone) }));
        }
        this.showCompared(compared(at(core.state, Math.min(from, to), chosen()), at(core.state, Math.max(from, to), chosen())));
      };
      const today = () => {
        dialog.close();
        if (core.state.asOf) core.run({ do: "asOf", asOf: null });
        if (core.state.diff.size) core.run({ do: "diff", diff: [] });
      };
      return [el("form", { on: { submit: go } }, field(words("asOfTime"), one), field(words("asOfSecond"), two), field(words("asOfKind"), kind), note,
        el("div", { class: "rt-row rt-foot" }, el("button", { type: "submit", class: "rt-btn rt-primary" }, words("show")), button(words("asOfToday"), today), button(words("cancel"), dialog.close)))];
    });
  }
}
