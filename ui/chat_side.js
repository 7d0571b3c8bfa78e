// The side panel: chats, what may be searched, what is indexed, and how it all looks.

import { signOut } from "./chat_api.js";
import { el, fill, foreign, iconButton } from "./chat_dom.js";
import { confirm } from "./chat_dialog.js";
import { clear as clearChats, isService } from "./chat_history.js";
import { clearFilters, filtersInForce, keep, store } from "./chat_store.js";
import { createList } from "./chat_list.js";
import { day, languageName, languages, moment, number, spoken, switchTo, t } from "./chat_words.js";
import { theme, themes, setTheme } from "./chat_theme.js";
import { createUpload } from "./chat_upload.js";

const MANY = 8;

// `known`: { index, choices }, null until loaded. `changed()` draws the chat anew, `close()` hides the panel,
// `added(reply)` is told of a document, `open(id)` opens a chat, without an id a new one.
// Each part is drawn by itself, so that what somebody is using stays under the hand.
export function createSide(panel, known, { changed, close, added, open }) {
  const top = el("div");
  const chats = createList({ open, cleared: () => open() });
  const parts = Object.fromEntries(["filters", "library", "settings"].map((id) => [id, createPart(id)]));
  parts.filters.element.open = true;
  const upload = createUpload(added);
  parts.library.element.append(upload.element);
  fill(panel, top, chats.element, ...Object.values(parts).map((part) => part.element));

  const side = {
    drawTop: () =>
      fill(
        top,
        el("header", {}, iconButton("close", t("close_side_panel"), { class: "icon close", onclick: close })),
        el("button", { type: "button", class: "plain new", onclick: () => open() }, t("new_chat")),
      ),
    drawChats: chats.draw,
    drawFilters: () => drawFilters(parts.filters, known.index),
    drawLibrary: () => parts.library.draw(t("library"), ...library(known.index)),
    drawUpload() {
      const kinds = known.choices?.uploads ?? {};
      upload.draw(kinds);
      parts.library.element.open ||= !known.index && Object.keys(kinds).length > 0;
    },
    drawSettings: () => parts.settings.draw(t("settings"), ...settings(known.choices, () => (changed(), side.draw()))),
    draw() {
      side.drawTop();
      side.drawChats();
      side.drawFilters();
      side.drawLibrary();
      side.drawUpload();
      side.drawSettings();
    },
  };
  return side;
}

function createPart(id) {
  const summary = el("summary");
  const body = el("div", { class: "part" });
  const name = (title) => (summary.textContent = title);
  const draw = (title, ...content) => (name(title), fill(body, ...content));
  return { element: el("details", { id }, summary, body), name, draw };
}

// --- filters -----------------------------------------------------------------------

function drawFilters(part, index) {
  const { where } = store;
  const title = () => (filtersInForce() ? t("filters_n", { n: filtersInForce() }) : t("filters"));
  const undated = el("p", { class: "meta" }, t("undated_left_out"));
  const clear = el("button", { type: "button", class: "link" }, t("clear_filters"));
  const tell = () => {
    part.name(title());
    undated.hidden = !(where.since || where.until);
    clear.hidden = !filtersInForce();
  };
  const change = (name, value) => {
    where[name] = value;
    keep();
    tell();
  };
  const toggled = (name, value, isOn) => change(name, isOn ? [...where[name], value] : where[name].filter((each) => each !== value));
  const date = (name) =>
    el("label", {}, t(name), el("input", { type: "date", id: name, value: where[name], onchange: (event) => change(name, event.target.value || null) }));
  const spoken = Object.entries(index?.library.languages ?? {}).map(([lang, n]) =>
    choice(`${languageName(lang) || t("language_unknown")} ${number(n)}`, where.langs.includes(lang), (isOn) => toggled("langs", lang, isOn)),
  );
  clear.addEventListener("click", () => (clearFilters(), drawFilters(part, index)));
  part.draw(
    title(),
    el("fieldset", {}, el("legend", {}, t("documents")), ...documentChoice(index?.documents ?? [], where, toggled)),
    el("fieldset", { class: "chips" }, el("legend", {}, t("languages")), ...spoken),
    el("div", { class: "dates" }, date("since"), date("until")),
    undated,
    clear,
  );
  tell();
}

function documentChoice(documents, where, toggled) {
  const rows = [
    ...foldersOf(documents).map((folder) => [`${folder}/`, choice(`${folder}/`, where.folders.includes(folder), (isOn) => toggled("folders", folder, isOn))]),
    ...documents.map((each) => [
      `${each.title} ${each.doc_id}`,
      choice(each.title, where.docs.includes(each.doc_id), (isOn) => toggled("docs", each.doc_id, isOn), each),
    ]),
  ];
  const list = el("div", { class: "choices" }, ...rows.map(([, row]) => row));
  const narrow = (event) => {
    const wanted = event.target.value.normalize("NFKC").toLowerCase();
    for (const [name, row] of rows) row.hidden = !name.normalize("NFKC").toLowerCase().includes(wanted);
  };
  const search = el("input", { type: "search", "aria-label": t("documents"), placeholder: t("all_documents"), oninput: narrow });
  // A list of a thousand boxes is a thousand stops of the Tab key.
  const past = el("button", { type: "button", class: "link past", onclick: () => nextStop(list)?.focus() }, t("skip_documents"));
  return rows.length > MANY ? [search, past, list] : [list];
}

const nextStop = (list) =>
  [...list.closest(".side").querySelectorAll("input, select, button, summary")].find(
    (each) => list.compareDocumentPosition(each) === Node.DOCUMENT_POSITION_FOLLOWING && each.checkVisibility(),
  );

function foldersOf(documents) {
  const found = new Set();
  for (const { doc_id: docId } of documents) {
    const parts = docId.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) found.add(parts.slice(0, depth).join("/"));
  }
  return [...found].sort();
}

function choice(label, checked, toggled, document = null) {
  const box = el("input", { type: "checkbox", onchange: (event) => toggled(event.target.checked) });
  box.checked = checked;
  const meta = document ? el("span", { class: "meta" }, [languageName(document.lang), document.date && day(document.date)].filter(Boolean).join(" · ")) : null;
  return el("label", { class: "choice" }, box, foreign("span", label, document?.lang ?? "", { class: "title" }), meta);
}

// --- what is indexed ----------------------------------------------------------------

function library(index) {
  const link = el("a", { class: "link", href: "library" }, t("library_open"));
  if (!index) return [el("p", {}, t("index_empty", { command: "rag index DIR" })), link];
  const { passages, languages: spoken, updated, problems, problems_total: total, activity } = index.library;
  const left = problems.filter((problem) => problem.fatal);
  const doubtful = problems.filter((problem) => !problem.fatal);
  const fact = (text) => el("p", { class: "meta" }, text);
  return [
    link,
    activity ? el("p", { class: "activity" }, activityText(activity)) : null,
    el("p", {}, `${t("documents_n", { n: number(index.total) })} · ${t("passages_n", { n: number(passages) })}`),
    fact(Object.entries(spoken).map(([lang, n]) => `${languageName(lang) || t("language_unknown")} ${number(n)}`).join(" · ")),
    updated ? fact(`${t("last_update")}: ${moment(updated)}`) : null,
    fact(`${t("generation")}: ${index.generation}`),
    total ? null : fact(t("failed_files_none")),
    left.length ? problemList(t("failed_files_n", { n: left.length }), left) : null,
    doubtful.length ? problemList(t("doubtful_files"), doubtful) : null,
  ];
}

function activityText({ stage, done, total, failed }) {
  if (stage !== "waiting") return t(stage, { done: number(done), total: number(total) });
  return failed ? t("watch_failed", { reason: failed }) : t("watching");
}

function problemList(title, problems) {
  const rows = problems.map(({ doc_id: docId, reason }) =>
    el("li", {}, foreign("span", docId), " ", foreign("span", reason, "en", { class: "meta" })),
  );
  return el("div", { class: "problems" }, el("h3", {}, title), el("ul", {}, ...rows));
}

// --- settings ------------------------------------------------------------------------

function settings(choices, changed) {
  const backends = choices?.backends ?? [];
  const named = (backend) => (backend === "extractive" ? t("backend_extractive") : backend);
  const strict = choice(t("strict"), store.strict, (isOn) => ((store.strict = isOn), keep()));
  return [
    selection("language", t("language"), languages(), spoken(), (lang) => switchTo(lang).then(changed)),
    selection("theme", t("theme"), Object.fromEntries(themes.map((each) => [each, t(`theme_${each}`)])), theme(), setTheme),
    backends.length > 1
      ? selection("backend", t("backend"), Object.fromEntries(backends.map((each) => [each, named(each)])), store.backend || backends[0], (backend) => {
          store.backend = backend;
          keep();
        })
      : null,
    strict,
    choices?.sign_out ? el("button", { type: "button", class: "link", onclick: leave }, t("sign_out")) : null,
  ];
}

// Whoever comes to this browser next finds neither the way in nor what was asked. The service's chats stay with the token.
async function leave() {
  if ((await confirm(t(isService ? "sign_out_ask_service" : "sign_out_ask"), t("sign_out"))) === null) return;
  if (!isService) await clearChats().catch(() => {});
  await signOut().catch((error) => {
    if (error.code !== "unauthorized") throw error;
  });
  sessionStorage.clear();
  location.assign(document.baseURI);
}

function selection(id, label, options, selected, chosen) {
  const select = el(
    "select",
    { id, onchange: (event) => chosen(event.target.value) },
    ...Object.entries(options).map(([value, name]) => el("option", { value, selected: value === selected, dir: "auto" }, name)),
  );
  return el("label", { class: "selection" }, label, select);
}
