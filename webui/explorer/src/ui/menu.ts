/** A pop-up menu: arrow keys move, Enter chooses, Escape closes and gives the focus back. */
import { el } from "./dom";

export interface MenuItem {
  readonly text: string;
  readonly action: () => void;
  readonly key?: string;
  /** Why it cannot be chosen now: shown beside it. */
  readonly why?: string | null;
  readonly checked?: boolean;
}

let open: { close(): void } | null = null;

export function openMenu(items: readonly (MenuItem | null)[], at: { x: number; y: number }, title?: string): void {
  open?.close();
  const before = document.activeElement as HTMLElement | null;
  const buttons: HTMLButtonElement[] = [];
  const menu = el("div", { class: "rt-menu", role: "menu", "aria-label": title });
  if (title) menu.append(el("div", { class: "rt-menu-title" }, title));
  const close = () => {
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    open = null;
    before?.focus?.();
  };
  const outside = (event: Event) => {
    if (!menu.contains(event.target as Node)) close();
  };
  for (const item of items) {
    if (!item) {
      menu.append(el("hr"));
      continue;
    }
    const choose = () => {
      close();
      item.action();
    };
    const off = typeof item.why === "string";
    const role = item.checked === undefined ? "menuitem" : "menuitemcheckbox";
    const made = el("button", { type: "button", role, class: "rt-menu-item", "aria-disabled": off ? "true" : undefined, "aria-checked": item.checked === undefined ? undefined : String(item.checked), title: item.why ?? undefined, on: { click: off ? (event: Event) => event.preventDefault() : choose } },
      el("span", {}, item.checked ? "✓ " : "", item.text, off ? el("small", { class: "rt-why-not" }, item.why!) : null), item.key ? el("kbd", {}, item.key) : null);
    // A disabled entry stays reachable, so that a screen reader hears why.
    buttons.push(made);
    menu.append(made);
  }
  menu.addEventListener("keydown", (event) => {
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) buttons.at((index + step + buttons.length) % buttons.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.body.append(menu);
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(at.x, window.innerWidth - box.width - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(at.y, window.innerHeight - box.height - 4))}px`;
  document.addEventListener("pointerdown", outside, true);
  open = { close };
  buttons[0]?.focus({ preventScroll: true });
}
