/** Keyboard of the explorer. Single letters work while the focus is in it and not in a field. */
export interface KeyCommands {
  undo(): void;
  redo(): void;
  fit(): void;
  expand(): void;
  pin(): void;
  hide(): void;
  help(): void;
  search(): void;
  remove(): void;
  deselect(): void;
  toggleLabels(): void;
}

export function install(root: HTMLElement, stage: HTMLElement, commands: KeyCommands): void {
  const plain: Record<string, () => void> = {
    f: commands.fit, e: commands.expand, p: commands.pin, h: commands.hide, l: commands.toggleLabels, "/": commands.search, "?": commands.help,
    Delete: commands.remove, Backspace: commands.remove,
    Escape: () => {
      const dialog = root.querySelector(".rt-dialog");
      if (dialog) dialog.remove();
      else commands.deselect();
    },
  };
  root.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const typing = target.matches('input:not([type="checkbox"], [type="range"]), select, textarea');
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    let action: (() => void) | undefined;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      if (typing) return;
      action = key === "z" ? (event.shiftKey ? commands.redo : commands.undo) : key === "y" ? commands.redo : undefined;
    } else if (!event.altKey && !typing) action = plain[key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
  // A click on the drawing gives it the keyboard.
  stage.addEventListener("pointerdown", () => stage.focus({ preventScroll: true }));
}
