// The documents as a table: searched and sorted by the service, a hundred at a time. Below it what could not be read.

import { el, fill, foreign } from "../chat/chat_dom.js";
import { documentsPage } from "../chat/chat_api.js";
import { day, languageName, number, t } from "../chat/chat_words.js";

const PAGE = 100;
const WAIT_MS = 200;
const SORTS = ["title", "date", "pages", "state"];

// `open(docId)` shows a document, `search(q)` is told what is searched for.
export function createList({ open, search }) {
  const wanted = { q: null, sort: "title", order: "asc" };
  let rows = [];
  let opened = "";
  let last = null;
  let asked = 0;
  let timer = 0;
  const box = el("input", { type: "search", "aria-label": t("library_search"), placeholder: t("library_search"), dir: "auto", oninput: onInput });
  const sorting = el("select", { "aria-label": t("sort_by"), onchange: () => sortBy(...sorting.value.split(" ")) });
  const status = el("p", { class: "meta", role: "status" });
  const body = el("div", { id: "documents", tabindex: -1 });
  const element = el("section", { class: "list", "aria-label": t("documents") }, el("div", { class: "controls" }, box, sorting), status, body);
  fill(sorting, ...SORTS.flatMap((sort) => ["asc", "desc"].map((order) => el("option", { value: `${sort} ${order}` }, `${t(`sort_${sort}`)} · ${t(`order_${order}`)}`))));

  function onInput() {
    clearTimeout(timer);
    timer = setTimeout(() => search(box.value.trim()) || found(box.value.trim()), WAIT_MS);
  }

  function found(q) {
    if (q === wanted.q) return;
    wanted.q = q;
    if (document.activeElement !== box) box.value = q;
    load();
  }

  function sortBy(sort, order) {
    Object.assign(wanted, { sort, order });
    load();
  }

  async function load(offset = 0) {
    const turn = ++asked;
    try {
      const answer = await documentsPage({ ...wanted, q: wanted.q ?? "", offset, limit: PAGE });
      if (turn !== asked) return;
      rows = offset ? [...rows, ...answer.documents] : answer.documents;
      draw(answer);
    } catch (error) {
      if (turn !== asked) return;
      status.textContent = error.code === "no_index" ? t("index_empty", { command: "rag index DIR" }) : t("library_failed");
      if (error.code === "no_index") fill(body);
    }
  }

  function draw({ total, library }) {
    sorting.value = `${wanted.sort} ${wanted.order}`;
    status.textContent = rows.length ? t("library_found_n", { n: number(rows.length), total: number(total) }) : t("library_none");
    fill(
      body,
      rows.length ? table() : null,
      rows.length < total ? el("button", { type: "button", class: "plain more", onclick: () => load(rows.length) }, t("show_more")) : null,
      ...(wanted.q ? [] : [problems(library)]),
    );
  }

  function table() {
    const head = ["title", "lang", "date", "pages", "state"].map((name) => el("th", { scope: "col", "aria-sort": ariaSort(name) }, SORTS.includes(name) ? sorter(name) : t("sort_lang")));
    return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows.map(row)));
  }

  const ariaSort = (name) => (name === wanted.sort ? { asc: "ascending", desc: "descending" }[wanted.order] : null);

  function sorter(name) {
    const next = name === wanted.sort && wanted.order === "asc" ? "desc" : "asc";
    const arrow = name !== wanted.sort ? null : el("span", { class: "arrow", "aria-hidden": "true" }, wanted.order === "asc" ? "↑" : "↓");
    return el("button", { type: "button", onclick: () => sortBy(name, next) }, t(`sort_${name}`), arrow);
  }

  function row(each) {
    const current = each.doc_id === opened ? "true" : null;
    const button = foreign("button", each.title, each.lang, { type: "button", class: "title", "aria-current": current, onclick: () => ((last = each.doc_id), open(each.doc_id)) });
    button.dataset.doc = each.doc_id;
    return el(
      "tr",
      { class: current && "current" },
      el("td", {}, button, foreign("span", each.doc_id, "", { class: "meta path" }), ...each.doubts.map((doubt) => foreign("span", doubt, "en", { class: "doubt" }))),
      cell("lang", languageName(each.lang)),
      cell("date", each.date && day(each.date)),
      cell("pages", each.pages ? [el("span", { class: "label" }, `${t("sort_pages")}: `), number(each.pages)] : null),
      el("td", {}, el("span", { class: `state ${each.state}` }, t(`state_${each.state}`))),
    );
  }

  const cell = (name, content) => el("td", { class: content ? name : `${name} none` }, content || "–");

  function mark(docId) {
    opened = docId;
    for (const button of body.querySelectorAll("button.title")) {
      const isOpen = button.dataset.doc === docId;
      button.ariaCurrent = isOpen ? "true" : null;
      button.closest("tr").classList.toggle("current", isOpen);
    }
  }

  function focus() {
    const button = [...body.querySelectorAll("button.title")].find((each) => each.dataset.doc === last);
    button?.focus();
  }

  return { element, found, load: () => load(), mark, focus };
}

function problems({ problems: known, problems_total: total }) {
  const left = known.filter((each) => each.fatal);
  if (!left.length) return null;
  const rows = left.map(({ doc_id: docId, reason }) => el("li", {}, foreign("b", docId), foreign("span", `${reason}.`, "en")));
  return el(
    "section",
    { class: "problems" },
    el("h2", {}, t("failed_files_n", { n: number(left.length) })),
    el("p", { class: "meta" }, t("problems_remedy")),
    el("ul", {}, ...rows),
    total > known.length ? el("p", { class: "meta" }, t("problems_more", { n: number(total - known.length), command: "rag status" })) : null,
  );
}
