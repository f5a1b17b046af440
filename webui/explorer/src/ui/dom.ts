/** Elements from plain text only: there is no way in here to pass markup. */
type Child = Node | string | null | undefined | false;
type Props = { class?: string; title?: string; on?: Record<string, (event: never) => void>; [attribute: string]: unknown };

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value as object)) element.addEventListener(event, listener);
    else if (name === "class") element.className = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replace what an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
}

export function button(text: string, action: () => void, props: Props = {}): HTMLButtonElement {
  return el("button", { type: "button", class: "rt-btn", on: { click: action }, ...props }, text);
}

const ICONS: Readonly<Record<string, string>> = {
  undo: "M4 8h7a4 4 0 0 1 0 8H7M4 8l3-3M4 8l3 3",
  redo: "M16 8H9a4 4 0 0 0 0 8h4M16 8l-3-3M16 8l-3 3",
  fit: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  locate: "M10 3v3M10 14v3M3 10h3M14 10h3M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
  plus: "M10 5v10M5 10h10",
  minus: "M5 10h10",
  path: "M5 15a2 2 0 1 0 0-.01M15 5a2 2 0 1 0 0-.01M6.5 13.5 13.5 6.5",
  lasso: "M10 4c4 0 7 2 7 5s-3 5-7 5-7-2-7-5 3-5 7-5M7 13.5c-1 1-1 3 .5 3.5",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M10 14.5v.1",
  start: "M5 5v10M15 5l-7 5 7 5z",
  next: "M15 5v10M5 5l7 5-7 5z",
  trash: "M5 6h10M8 6V4h4v2M6 6l.7 10h6.6L14 6",
};

/** A round of icon buttons shares one look; the name is the accessible label. */
export function iconButton(icon: string, label: string, action: () => void): HTMLButtonElement {
  const made = button("", action, { class: "rt-btn rt-icon-btn", "aria-label": label, title: label });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[icon] ?? "");
  svg.append(path);
  made.append(svg);
  return made;
}

/** A swatch with shape, colour and mark of a label. */
export function swatch(style: { color: string; shape: string; mark: string }): HTMLElement {
  const made = el("span", { class: `rt-swatch rt-${style.shape}`, "aria-hidden": "true" }, style.mark);
  made.style.backgroundColor = style.color;
  return made;
}
