// The chats that are kept: found again, opened, cleared.

import { confirm } from "./chat_dialog.js";
import { el, fill, foreign } from "./chat_dom.js";
import { clear, isService, list } from "./chat_history.js";
import { folded } from "./chat_search.js";
import { current, titleOf } from "./chat_store.js";
import { t } from "./chat_words.js";

const MANY = 5;

// `open(id)` takes a chat to the page, `cleared()` is called when none is left.
export function createList({ open, cleared }) {
  const element = el("nav", { class: "chats" });
  const search = el("input", { type: "search", oninput: () => narrow() });
  let rows = [];

  function narrow() {
    const wanted = folded(search.value.trim());
    for (const { chat, row } of rows) row.hidden = !chat.words.includes(wanted);
  }

  async function draw() {
    const chats = await list().catch(() => []);
    rows = chats.map((chat) => ({ chat, row: el("li", {}, opener(chat)) }));
    for (const name of ["aria-label", "placeholder"]) search.setAttribute(name, t("search_chats"));
    element.setAttribute("aria-label", t("history"));
    element.hidden = !rows.length;
    // The search box stays where it is, with what is written in it.
    if (!search.isConnected) fill(element, el("h2"), search, el("ul"), el("p", { class: "meta" }), el("button", { type: "button", class: "link", onclick: () => clearAll() }));
    const [heading, , all, kept, clearing] = element.children;
    heading.textContent = t("history");
    kept.textContent = t(isService ? "history_kept_service" : "history_kept");
    clearing.textContent = t("clear_history");
    search.hidden = rows.length < MANY && !search.value;
    fill(all, ...rows.map(({ row }) => row));
    narrow();
  }

  function opener(chat) {
    const isOpen = chat.id === current().id;
    return foreign("button", titleOf(chat), "", { type: "button", class: "row", "aria-current": isOpen ? "true" : null, onclick: () => open(chat.id) });
  }

  async function clearAll() {
    if ((await confirm(t("clear_history_ask", { n: rows.length }), t("clear_history"))) === null) return;
    await clear();
    await draw();
    cleared();
  }

  return { element, draw };
}
