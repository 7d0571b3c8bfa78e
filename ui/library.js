// The library: wires the list of documents, what is added to them, and the document that is open.
// The address says what is shown (?d= the document, ?q= the search), so Back, Forward and a link lead there.

import { choices } from "../chat/chat_api.js";
import { el, fill } from "../chat/chat_dom.js";
import { applyTheme } from "../chat/chat_theme.js";
import { createUpload, dropTarget } from "../chat/chat_upload.js";
import { speak, t } from "../chat/chat_words.js";
import { createDocument } from "./library_document.js";
import { createList } from "./library_list.js";
import { createReindex } from "./library_reindex.js";

const NARROW = matchMedia("(max-width: 899px)");
const page = {};

function draw() {
  document.title = `${t("library_page")} · Citewise`;
  page.live = el("p", { class: "unseen", "aria-live": "polite" });
  page.list = createList({ open: (docId) => go({ d: docId }), search: (q) => go({ q }, true) });
  page.upload = createUpload(() => page.list.load());
  page.reindex = createReindex(() => page.list.load());
  page.document = createDocument({ close: () => go({ d: "" }), removed });
  page.main = el("main", {}, page.upload.element, page.reindex.progress, page.list.element);
  fill(
    document.body,
    el("a", { class: "skip", href: "#documents" }, t("documents")),
    el("header", { class: "top" }, el("h1", {}, t("library_page")), page.reindex.button, el("a", { class: "plain", href: "./" }, t("to_the_chat"))),
    el("div", { class: "panes" }, page.main, page.document.element),
    page.live,
  );
  dropTarget(document.body, page.upload);
}

function go(changes, isTyped = false) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (isTyped) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  if ("d" in changes) show();
}

async function show() {
  const wanted = new URL(location.href).searchParams;
  page.list.found(wanted.get("q") ?? "");
  const docId = wanted.get("d") ?? "";
  document.body.classList.toggle("has-document", Boolean(docId));
  page.main.inert = NARROW.matches && Boolean(docId);
  page.list.mark(docId);
  await page.document.show(docId);
  if (!docId) page.list.focus();
}

async function removed(title) {
  page.live.textContent = t("removed", { title });
  go({ d: "" });
  await page.list.load();
}

async function start() {
  applyTheme();
  await speak();
  draw();
  window.addEventListener("popstate", show);
  NARROW.addEventListener("change", show);
  const known = await choices().catch(() => null);
  page.upload.draw(known?.uploads ?? {});
  const mayWrite = Boolean(known && Object.keys(known.uploads).length);
  page.document.allow(mayWrite);
  if (mayWrite) page.reindex.allow();
  await show();
}

start();
