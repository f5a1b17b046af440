/** The canvas is kept on the server a moment after each change, one draft a person; nothing of it stays in the browser. */
import type { Core } from "./core";
import type { ViewDocument } from "./document";

const QUIET_MS = 1500;
const MOST_NODES = 5000;

export class Autosave {
  private timer = 0;
  private said = false;

  constructor(private readonly core: Core, private readonly document: () => ViewDocument) {
    core.listeners.push(() => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.save(), QUIET_MS);
    });
  }

  private async save(): Promise<void> {
    const { core } = this;
    // An emptied canvas does not overwrite the last work: that is what the draft is for.
    if (!core.state.nodes.size) return;
    if (core.state.nodes.size > MOST_NODES) {
      if (!this.said) core.say(core.words("draftTooLarge", { n: MOST_NODES }));
      this.said = true;
      return;
    }
    await core.api.autosave(this.document()).catch((error: unknown) => {
      if (!this.said) core.say(core.words("draftFailed", { why: error instanceof Error ? error.message : "" }), true);
      this.said = true;
    });
  }
}
