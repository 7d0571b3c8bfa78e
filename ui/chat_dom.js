// Builds elements. Text enters the page here and as text only: nothing in the chat parses HTML.

const FLASH_MS = 2500;

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  return fill(element, ...children);
}

// Replaces what an element holds; null stands for nothing.
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// Text that we did not write: it brings its own direction and language, and is kept apart from what surrounds it.
export function foreign(tag, text, lang = "", attributes = {}) {
  const known = lang && lang !== "und" ? lang : null;
  return el(tag, { dir: "auto", lang: known, ...attributes }, text);
}

// A button with a drawing of strokes on a grid of 24, and a name for those who do not see it.
export function iconButton(icon, label, attributes = {}) {
  return el("button", { type: "button", class: "icon", "aria-label": label, title: label, ...attributes }, drawn(icon));
}

// Says beside a button for a moment what it has done; the live region says it to those who listen.
export function flash(button, text) {
  button.dataset.said = text;
  setTimeout(() => delete button.dataset.said, FLASH_MS);
}

export function drawn(icon) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[icon]);
  svg.append(path);
  return svg;
}

const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  plus: "M12 5v14M5 12h14",
  previous: "M15 6l-6 6 6 6",
  next: "M9 6l6 6-6 6",
  up: "M7 11v9M7 11l4-7c2 0 2 2 1 6h6c1 0 2 1 2 2l-2 6c0 1-1 2-2 2H7M3 11h4v9H3z",
  down: "M17 13V4M17 13l-4 7c-2 0-2-2-1-6H6c-1 0-2-1-2-2l2-6c0-1 1-2 2-2h9M21 13h-4V4h4z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  retry: "M5 12a7 7 0 1 1 2 5M5 18v-5h5",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  more: "M4 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M18 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0",
  flag: "M12 4l9 16H3zM12 10v4M12 17v.5",
};

// Offsets of the service count code points; those of a string here count two for "😀".
export function sliced(text, start, end) {
  return Array.from(text).slice(start, end).join("");
}
