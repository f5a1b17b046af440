/** A dialog over the stage: Escape closes, Tab stays inside, the focus goes back to where it was. */
import { button, el } from "./dom";

type Child = Node | string | null;

export interface Dialog {
  readonly element: HTMLElement;
  close(): void;
}

export function openDialog(host: HTMLElement, title: string, closeWord: string, build: (dialog: Dialog) => Child[], options: { wide?: boolean; closed?: () => void } = {}): Dialog {
  host.querySelector<HTMLElement & { rtClose?: () => void }>(".rt-dialog")?.rtClose?.();
  const before = document.activeElement as HTMLElement | null;
  const element: HTMLElement & { rtClose?: () => void } = el("section", { class: `rt-dialog${options.wide ? " rt-wide" : ""}`, role: "dialog", "aria-modal": "true", "aria-label": title });
  let open = true;
  const dialog: Dialog = {
    element,
    close: () => {
      if (!open) return;
      open = false;
      element.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      options.closed?.();
    },
  };
  element.rtClose = dialog.close;
  const shut = button("×", dialog.close, { class: "rt-btn rt-icon-btn rt-dialog-x", "aria-label": closeWord, title: closeWord });
  element.append(el("header", { class: "rt-dialog-head" }, el("h3", {}, title), shut), ...build(dialog).filter((child): child is Node | string => child !== null));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    } else if (event.key === "Tab") keepInside(element, event);
    event.stopPropagation();
  });
  host.append(element);
  const first = element.querySelector<HTMLElement>("[data-first]") ?? element.querySelector<HTMLElement>("input, select, textarea, button:not(.rt-dialog-x)") ?? shut;
  first.focus({ preventScroll: true });
  return dialog;
}

function keepInside(element: HTMLElement, event: KeyboardEvent): void {
  const stops = [...element.querySelectorAll<HTMLElement>("button, input, select, textarea, a[href], summary")].filter((one) => !(one as HTMLButtonElement).disabled && one.offsetParent);
  const [first, last] = [stops[0], stops.at(-1)];
  if (!first || !last) return;
  if (event.shiftKey && document.activeElement === first) last.focus();
  else if (!event.shiftKey && document.activeElement === last) first.focus();
  else return;
  event.preventDefault();
}

export function field(text: string, input: HTMLElement): HTMLElement {
  return el("label", { class: "rt-field" }, el("span", {}, text), input);
}

export function choice(options: readonly (readonly [value: string, text: string])[], value: string): HTMLSelectElement {
  const made = el("select", { class: "rt-input" }, ...options.map(([each, text]) => el("option", { value: each }, text)));
  made.value = value;
  return made;
}

export function numeric(value: number | "", min: number, max: number, step: number | "any" = 1): HTMLInputElement {
  return el("input", { type: "number", class: "rt-input", value, min, max, step });
}

/** UTC milliseconds of a datetime-local field read in the installation's zone; undefined when empty. */
export function zonedMs(text: string, zone: string): number | undefined {
  if (!text) return undefined;
  const asUtc = Date.parse(`${text}${text.length === 16 ? ":00" : ""}Z`);
  if (!Number.isFinite(asUtc)) return undefined;
  // Twice: the offset of the guess may differ from that of the answer at a change of clocks.
  const offset = (ms: number) => Date.parse(`${new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(ms).replace(" ", "T")}Z`) - ms;
  const guess = asUtc - offset(asUtc);
  return asUtc - offset(guess);
}

/** The other way: what a datetime-local field shows. */
export function zonedText(ms: number, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(ms).replace(" ", "T");
}
