/** Keyboard of the explorer, from the list of actions. Single letters work while the focus is in it and not in a field. */
import { ACTIONS } from "../actions";

/** `Ctrl+Z`, `Shift+H`, `/` of a pressed key: as the actions write it. */
export function pressed(event: KeyboardEvent): string {
  const key = event.key === "Escape" ? "Esc" : event.key === "Backspace" ? "Delete" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  if (control && event.shiftKey && key === "Z") return "Ctrl+Y";
  const letter = /^[A-Z]$/.test(key) || key.length > 1;
  return control + (event.shiftKey && letter ? "Shift+" : "") + key;
}

export function install(root: HTMLElement, stage: HTMLElement, run: (id: string) => void, move: (key: string, add: boolean) => boolean): void {
  const byKey = new Map(ACTIONS.flatMap((action) => (action.key ? [[action.key, action.id] as const] : [])));
  root.addEventListener("keydown", (event) => {
    if (event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    const typing = target.matches('input:not([type="checkbox"], [type="range"], [type="radio"]), select, textarea');
    if (typing) return;
    const key = pressed(event);
    const onStage = target === stage;
    if (onStage && (/^Arrow/.test(event.key) || event.key === " " || event.key === "Enter") && move(event.key, event.shiftKey || event.ctrlKey)) {
      event.preventDefault();
      return;
    }
    const id = byKey.get(key);
    // beside the drawing these two are about the page's text, as everywhere
    if (!id || (/^Ctrl\+[AC]$/.test(key) && !stage.contains(target))) return;
    event.preventDefault();
    event.stopPropagation();
    run(id);
  });
  // A click on the drawing gives it the keyboard.
  stage.addEventListener("pointerdown", () => stage.focus({ preventScroll: true }));
}
