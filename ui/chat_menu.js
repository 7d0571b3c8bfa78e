// What can be done with the chat on the page: rename, export, print, delete.

import { confirm } from "./chat_dialog.js";
import { drawn, el } from "./chat_dom.js";
import { remove } from "./chat_history.js";
import { current, rename, titleOf } from "./chat_store.js";
import { download, json, markdown } from "./chat_text.js";
import { t } from "./chat_words.js";

// `renamed()` and `deleted()` are called when it is done.
export function chatMenu({ renamed, deleted }) {
  const items = [
    ["rename_chat", renaming],
    ["export_markdown", () => download(fileName("md"), "text/markdown", markdown(current()))],
    ["export_json", () => download(fileName("json"), "application/json", json(current()))],
    ["print_chat", () => window.print()],
    ["delete_chat", deleting],
  ];
  const rows = items.map(([key, act]) => el("button", { type: "button", onclick: () => (close(), act()) }, t(key)));
  const summary = el("summary", { class: "icon", "aria-label": t("chat_menu"), title: t("chat_menu") }, drawn("more"));
  const menu = el("details", { class: "menu", onkeydown, onfocusout }, summary, el("div", { class: "items" }, ...rows));
  const close = () => (menu.open = false);

  async function renaming() {
    const name = await confirm(t("chat_name"), t("rename_chat"), titleOf(current()));
    if (name === null) return;
    await rename(name);
    renamed();
  }

  async function deleting() {
    if ((await confirm(t("delete_chat_ask", { title: titleOf(current()) }), t("delete_chat"))) === null) return;
    await remove(current().id);
    deleted();
  }

  function onkeydown(event) {
    if (event.key !== "Escape") return;
    close();
    summary.focus();
  }

  function onfocusout(event) {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  }

  return menu;
}

const fileName = (suffix) => `${titleOf(current()).replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").slice(0, 60) || "chat"}.${suffix}`;
