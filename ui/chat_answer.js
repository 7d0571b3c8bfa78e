// Draws one question with what came of it: the checked answer, a conflict, or that the documents do not say.

import { drawBlocks } from "./chat_blocks.js";
import { drawn, el, foreign, iconButton } from "./chat_dom.js";
import { sourcesOf } from "./chat_text.js";
import { filtersInForce } from "./chat_store.js";
import { day, either, has, languageName, number, t } from "./chat_words.js";

const NEAREST = 3;
const SNIPPET = 220;
const MAX_COMMENT = 2000;
const MARKER = /\[(\d+)\]/;

// `actions`: show(turn, marker, opener), passage(hit, opener), retry(turn), rate(turn, rating, button),
// comment(turn, text, form), copy(turn, button), link(turn, button).
export function drawTurn(turn, actions) {
  return el(
    "article",
    { class: "turn" },
    foreign("h2", turn.question, "", { class: "question" }),
    turn.answer ? drawAnswer(turn, actions) : drawUnfinished(turn, actions),
  );
}

// The answer while it is written: words as they come, not yet checked.
export function drawPending(question) {
  const status = el("p", { class: "status" }, t("searching"));
  const words = foreign("div", "", "", { class: "unchecked" });
  const article = el("article", { class: "turn" }, foreign("h2", question, "", { class: "question" }), status, words);
  return {
    article,
    words,
    say: (key) => (status.textContent = t(key)),
    write: (text) => words.append(text),
    clear: () => words.replaceChildren(),
  };
}

function drawUnfinished(turn, actions) {
  const explained = failureText(turn.failure);
  return el(
    "div",
    { class: "answer" },
    turn.partial ? foreign("div", turn.partial, "", { class: "unchecked" }) : null,
    el("p", { class: "note failed", role: "alert" }, drawn("flag"), explained),
    el("div", { class: "tools" }, retryButton(turn, actions)),
  );
}

export function failureText({ code, message = "", requestId = "" }) {
  const keys = {
    cancelled: "error_cancelled",
    offline: "error_offline",
    busy: "error_busy",
    rate_limited: "error_rate",
    backend_failed: "error_backend",
    unauthorized: "error_signed_out",
  };
  if (code in keys) return t(keys[code]);
  if (code === "no_index") return t("index_empty", { command: "rag index DIR" });
  if (code === "internal") return t("error_internal", { request_id: requestId });
  return message || t("error_offline");
}

function drawAnswer(turn, actions) {
  const { answer } = turn;
  return el(
    "div",
    { class: "answer" },
    answer.answered ? el("div", { class: "claims" }, ...paragraphs(turn, actions)) : notInDocuments(turn, actions),
    ...answer.conflicts.map((conflict) => conflictCard(turn, conflict, actions)),
    answer.degraded ? degradedNote(answer) : null,
    answer.citations.length ? sourceList(turn, actions) : null,
    answer.citations.length ? onPaper(answer) : null,
    toolbar(turn, actions),
    why(answer, actions),
  );
}

// --- claims and their markers ---------------------------------------------------

function paragraphs(turn, actions) {
  const { answer } = turn;
  if (answer.blocks?.length) {
    return drawBlocks(answer.blocks, answer.lang, {
      claim: (place, children, isLast) => claimParts(answer.claims[place], answer, children, isLast),
      marker: (marker) => markerButton(turn, marker, actions),
    });
  }
  const all = [newParagraph(answer)];
  let cursor = 0;
  for (const claim of answer.claims) {
    const at = answer.text.indexOf(claim.text, cursor);
    addBetween(all, answer.text.slice(cursor, Math.max(at, cursor)), turn, actions);
    all.at(-1).append(...claimParts(claim, answer));
    cursor = at < 0 ? cursor : at + claim.text.length;
  }
  // What follows the last claim's markers is the conflict in words; here it is a card.
  const rest = answer.text.slice(cursor);
  addBetween(all, answer.conflicts.length ? rest.split("\n", 1)[0] : rest, turn, actions);
  return all.filter((paragraph) => paragraph.childNodes.length);
}

const newParagraph = (answer) => foreign("p", "", answer.lang);

// Between claims stand markers, line ends, and the signs of lists.
function addBetween(all, text, turn, actions) {
  text.split("\n").forEach((line, place) => {
    if (place) all.push(newParagraph(turn.answer));
    line.split(MARKER).forEach((part, odd) => {
      if (odd % 2) all.at(-1).append(markerButton(turn, Number(part), actions), " ");
      else if (part.trim()) all.at(-1).append(part);
    });
  });
}

function claimParts(claim, answer, children = null, isLast = true) {
  const source = answer.citations.find((citation) => citation.marker === claim.markers[0]);
  const lang = answer.model === "extractive" && source ? source.lang : "";
  // Without a direction of its own: the paragraph takes its direction from the claims in it.
  const words = (attributes) =>
    el("span", { lang: lang && lang !== "und" ? lang : null, ...attributes }, ...(children ?? answering(claim.text, source)));
  if (claim.status === "verified") return [words({ class: "claim" }), " "];
  const reason = unverifiedReason(claim);
  const label = `${flagOf(claim)}. ${reason}`;
  if (!isLast) return [words({ class: "claim unverified", title: reason })];
  return [
    words({ class: "claim unverified", title: reason }),
    " ",
    el("span", { class: "flag", role: "note", tabindex: 0, "aria-label": label, "data-reason": reason }, flagOf(claim)),
    " ",
  ];
}

// The text of a claim, with the words marked that answer the question.
function answering(text, source) {
  const words = source?.answer ? markedWords(source) : "";
  const at = words ? text.indexOf(words) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), el("mark", { class: "answering" }, words), text.slice(at + words.length)];
}

// Offsets count code points; JavaScript's strings count halves of some.
const markedWords = ({ quote, start, answer }) => [...quote].slice(answer[0] - start, answer[1] - start).join("");

export const flagOf = ({ status }) => (status === "unchecked" ? t("unchecked") : t("unverified"));

export const unverifiedReason = ({ status, why }) =>
  status === "unchecked"
    ? either(`unchecked_${why}`, "unchecked_explained")
    : either(`unverified_${why}`, "unverified_explained");

function markerButton(turn, marker, actions) {
  const source = turn.answer.citations.find((citation) => citation.marker === marker);
  if (!source) return "";
  const label = t("show_source_n", { n: marker, title: source.title });
  const attributes = { type: "button", class: "marker", "aria-label": label, "data-marker": marker };
  const button = el("button", attributes, String(marker));
  button.addEventListener("click", () => actions.show(turn, marker, button));
  return button;
}

// A row for each document, with the markers of its quotes; the first of them opens.
function sourceList(turn, actions) {
  const byDocument = new Map();
  for (const citation of turn.answer.citations) {
    byDocument.set(citation.doc_id, [...(byDocument.get(citation.doc_id) ?? []), citation]);
  }
  const rows = [...byDocument.values()].map((all) => {
    const [first] = all;
    const markers = all.map((citation) => citation.marker).join(" ");
    const places = [...new Set(all.map((citation) => citation.place))].filter(Boolean).join(", ");
    const button = el(
      "button",
      { type: "button", class: "source-row" },
      el("span", { class: "number" }, markers),
      foreign("span", first.title, first.lang, { class: "title" }),
      el("span", { class: "meta" }, meta({ ...first, place: places })),
    );
    button.addEventListener("click", () => actions.show(turn, first.marker, button));
    return el("li", {}, button);
  });
  return el("nav", { class: "source-list", "aria-label": t("sources") }, el("ul", {}, ...rows));
}

// Shown in print only, where no marker can be followed.
const onPaper = (answer) =>
  el("ul", { class: "on-paper" }, ...sourcesOf(answer).map(([head, quote]) => el("li", {}, foreign("p", head), foreign("p", quote))));

export function meta({ date, lang, place }) {
  return [place, date ? day(date) : t("undated"), languageName(lang)].filter(Boolean).join(" · ");
}

// --- when there is more to say than an answer -------------------------------------

function conflictCard(turn, conflict, actions) {
  const total = conflict.sides.length;
  const dates = conflict.sides.map((side) => side.date).filter(Boolean).sort();
  const isTold = dates.length === total && dates[0] !== dates[total - 1];
  const sides = conflict.sides.map((side, place) => {
    const source = turn.answer.citations.find((citation) => citation.marker === side.marker);
    const age = isTold && side.date === dates[total - 1] ? "newer" : "older";
    return el(
      "li",
      { "aria-label": t("conflict_side_n", { n: place + 1, total }) },
      el("p", { class: "value" }, foreign("strong", side.value), isTold ? el("span", { class: "age" }, t(age)) : null),
      foreign("p", side.statement, source?.lang, { class: "statement" }),
      el(
        "p",
        { class: "meta" },
        foreign("span", source?.title ?? "", source?.lang),
        " · ",
        side.date ? day(side.date) : t("undated"),
        " ",
        markerButton(turn, side.marker, actions),
      ),
    );
  });
  return el(
    "section",
    { class: "conflict", "aria-label": t("conflict") },
    el("h3", {}, t("conflict")),
    el("p", { class: "explained" }, t("conflict_explained")),
    el("ul", {}, ...sides),
  );
}

function notInDocuments({ answer, where }, actions) {
  const nearest = answer.hits.slice(0, NEAREST).map((hit) => {
    const button = el(
      "button",
      { type: "button", class: "passage-row" },
      foreign("span", hit.title, hit.chunk.lang, { class: "title" }),
      foreign("span", snippet(hit.chunk.text), hit.chunk.lang, { class: "snippet" }),
    );
    button.addEventListener("click", () => actions.passage(hit, button));
    return el("li", {}, button);
  });
  return el(
    "section",
    { class: "calm", "aria-label": t("not_in_documents") },
    el("h3", {}, t("not_in_documents")),
    el("p", {}, either(`abstention_${answer.abstention}`, "abstention_unverified")),
    where && filtersInForce(where) ? foreign("p", t("filters_in_force", { filters: filterNames(where) }), "", { class: "filters" }) : null,
    nearest.length ? el("h4", {}, t("nearest_passages")) : null,
    nearest.length ? el("ul", {}, ...nearest) : null,
  );
}

const filterNames = ({ docs, folders, langs, since, until }) =>
  [
    ...docs,
    ...folders.map((folder) => `${folder}/`),
    ...langs.map((lang) => languageName(lang) || t("language_unknown")),
    since ? `${t("since")} ${day(since)}` : "",
    until ? `${t("until")} ${day(until)}` : "",
  ]
    .filter(Boolean)
    .join(" · ");

const snippet = (text) => {
  const words = text.replace(/^#+\s*/gm, "").replace(/\s+/g, " ").trim();
  return words.length > SNIPPET ? `${words.slice(0, SNIPPET).toWellFormed()}…` : words;
};

function degradedNote({ answered, faults, model }) {
  const told = faults.map((fault) => el("p", {}, either(`fault_${fault.code}`, "fault_failed", fault)));
  const isOther = answered && faults.every((fault) => fault.model !== model);
  const standIn = model === "extractive" ? t("stand_in_quotes") : t("stand_in_model", { model });
  return el(
    "div",
    { class: "note degraded", role: "note" },
    drawn("flag"),
    el(
      "div",
      {},
      el("strong", {}, t("degraded")),
      ...told,
      isOther ? el("p", {}, standIn) : null,
    ),
  );
}

// --- below the answer ---------------------------------------------------------------

function retryButton(turn, actions) {
  return iconButton("retry", t("retry"), { onclick: () => actions.retry(turn) });
}

function toolbar(turn, actions) {
  const thumb = (icon, rating, label) =>
    iconButton(icon, t(label), {
      "aria-pressed": String(turn.rating === rating),
      onclick: (event) => actions.rate(turn, rating, event.currentTarget),
    });
  return el(
    "div",
    {},
    el(
      "div",
      { class: "tools" },
      iconButton("copy", t("copy_with_sources"), { onclick: (event) => actions.copy(turn, event.currentTarget) }),
      iconButton("link", t("copy_link"), { onclick: (event) => actions.link(turn, event.currentTarget) }),
      retryButton(turn, actions),
      thumb("up", "up", "good_answer"),
      thumb("down", "down", "bad_answer"),
    ),
    turn.rating === "down" && !turn.comment ? commentForm(turn, actions) : null,
  );
}

function commentForm(turn, actions) {
  const words = el("textarea", { rows: 2, maxlength: MAX_COMMENT, dir: "auto", "aria-label": t("comment_label"), placeholder: t("comment_label") });
  const onsubmit = (event) => {
    event.preventDefault();
    if (words.value.trim()) actions.comment(turn, words.value.trim());
  };
  return el("form", { class: "comment", onsubmit }, words, el("button", { type: "submit", class: "plain" }, t("comment_send")));
}

function why({ hits, evidence, model, generation, timings_ms: timings }, actions) {
  const facts = [
    [t("evidence"), t("evidence_explained", { percent: number(evidence * 100) })],
    [t("model"), model],
    [t("generation"), String(generation)],
    [t("timings"), told(timings)],
  ];
  return el(
    "details",
    { class: "why" },
    el("summary", {}, t("why")),
    el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), foreign("dd", value)])),
    hits.length ? ranking(hits, actions) : null,
  );
}

function told(timings) {
  const total = Object.values(timings).reduce((sum, ms) => sum + ms, 0);
  const named = Object.entries({ ...timings, total }).filter(([stage]) => has(`timing_${stage}`));
  return named.map(([stage, ms]) => `${t(`timing_${stage}`)} ${number(ms)} ms`).join(" · ");
}

function ranking(hits, actions) {
  const head = ["rank", "passage", "rank_dense", "rank_lexical", "score"];
  const leg = (hit, name) => el("td", {}, hit.ranks[name] ? String(hit.ranks[name]) : "–");
  const rows = hits.map((hit) => {
    const open = foreign("button", hit.title, hit.chunk.lang, { type: "button", class: "link" });
    open.addEventListener("click", () => actions.passage(hit, open));
    return el(
      "tr",
      {},
      el("td", {}, String(hit.rank)),
      el("td", {}, open),
      leg(hit, "dense"),
      leg(hit, "lexical"),
      el("td", {}, number(hit.score, 2)),
    );
  });
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": t("why") },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...head.map((key) => el("th", { scope: "col" }, t(key))))),
      el("tbody", {}, ...rows),
    ),
  );
}
