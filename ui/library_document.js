// A document without a question: its text as headings, tables, lists and code, a stretch at a time.

import { documentBlocks, removeDocument } from "../chat/chat_api.js";
import { el, fill, foreign, iconButton } from "../chat/chat_dom.js";
import { day, languageName, number, t } from "../chat/chat_words.js";
import { drawParts } from "./library_blocks.js";

// `close()` and `removed(title)` tell what a person did.
export function createDocument({ close, removed }) {
  let asked = 0;
  let mayRemove = false;
  const element = el("aside", { class: "document", hidden: true, "aria-label": t("documents") });
  element.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());

  async function show(docId) {
    const turn = ++asked;
    element.hidden = !docId;
    if (!docId) return fill(element);
    let found = null;
    try {
      found = await documentBlocks(docId, 0);
    } catch {
      if (turn === asked) fill(element, bar([]), el("p", { class: "note", role: "alert" }, t("error_document")));
      return;
    }
    if (turn === asked) draw(found);
  }

  function draw(found) {
    const heading = foreign("h2", found.title, found.lang, { tabindex: -1 });
    const text = el("div", { class: "text", tabindex: 0, role: "region", "aria-label": found.title });
    const isOurs = mayRemove && found.uploaded;
    element.setAttribute("aria-label", found.title);
    fill(
      element,
      bar(isOurs ? [el("button", { type: "button", class: "plain remove", onclick: () => ask(found) }, t("remove"))] : []),
      heading,
      el("p", { class: "meta" }, facts(found)),
      foreign("p", found.doc_id, "", { class: "meta path" }),
      ...found.left_out.slice(0, 20).map((each) => foreign("p", each, "en", { class: "doubt" })),
      text,
    );
    append(text, found);
    heading.focus();
  }

  const bar = (buttons) => el("header", {}, ...buttons, iconButton("close", t("close"), { class: "icon close", onclick: close }));

  function append(text, found) {
    if (found.boilerplate.length && !text.querySelector(".masked")) text.append(el("p", { class: "meta masked" }, t("masked_left_out")));
    text.append(...drawParts(found.blocks, found.lang, found.start ? null : found.title));
    if (found.end >= found.length) return;
    const more = el("button", { type: "button", class: "plain more" }, t("show_more"));
    more.addEventListener("click", async () => {
      const turn = asked;
      const next = await documentBlocks(found.doc_id, found.end).catch(() => null);
      if (turn !== asked) return;
      more.remove();
      if (next?.sha256 !== found.sha256) text.append(el("p", { class: "note", role: "alert" }, t("error_document")));
      else append(text, next);
      text.focus();
    });
    text.append(more);
  }

  function ask(found) {
    const dialog = el("dialog", { "aria-labelledby": "remove-ask" });
    const finish = () => (dialog.close(), dialog.remove());
    const remove = async () => {
      finish();
      try {
        await removeDocument(found.doc_id);
        removed(found.title);
      } catch {
        element.querySelector("header").after(el("p", { class: "note", role: "alert" }, t("remove_failed")));
      }
    };
    fill(
      dialog,
      el("p", { id: "remove-ask", dir: "auto" }, t("remove_ask", { title: found.title })),
      el(
        "div",
        { class: "buttons" },
        el("button", { type: "button", class: "plain", autofocus: true, onclick: finish }, t("keep_it")),
        el("button", { type: "button", class: "plain danger", onclick: remove }, t("remove")),
      ),
    );
    dialog.addEventListener("cancel", finish);
    // Escape belongs to the question, not to the document below it.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    element.append(dialog);
    dialog.showModal();
  }

  return { element, show, allow: (is) => (mayRemove = is) };
}

function facts({ lang, date, author, pages_total: pages }) {
  const counted = pages ? `${t("sort_pages")}: ${number(pages)}` : "";
  return [languageName(lang), date && day(date), author, counted].filter(Boolean).join(" · ");
}
