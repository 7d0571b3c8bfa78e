// The chat: wires the question box, the conversation, the source beside it, and the side panel.

import { drawPending, drawTurn, failureText, withSources } from "./chat_answer.js";
import { Failure, ask, choices, documents, rate, summary } from "./chat_api.js";
import { el, foreign, iconButton } from "./chat_dom.js";
import { createSide } from "./chat_side.js";
import { createSources, placeOfCitation, placeOfHit } from "./chat_sources.js";
import { keep, newChat, restore, store, turns } from "./chat_store.js";
import { followTheme } from "./chat_theme.js";
import { speak, spoken, t } from "./chat_words.js";

const MAX_QUESTION = 4000;
const LOOK_MS = 10_000;
const SOON_MS = 250;
const LOOKS = 40;
const WIDE = matchMedia("(min-width: 1100px)");
const page = {};
const known = { index: null, choices: null, isEmpty: false };
let running = null;

// --- the page ---------------------------------------------------------------------------

function drawPage(root) {
  page.conversation = el("section", { class: "conversation", tabindex: -1 });
  page.live = el("p", { class: "unseen", "aria-live": "polite" });
  page.source = el("aside", { class: "source", hidden: true });
  page.side = el("aside", { class: "side", id: "side", hidden: !WIDE.matches });
  page.box = el("textarea", { id: "question", rows: 1, maxlength: MAX_QUESTION, dir: "auto", onkeydown: onKey });
  page.send = el("div", { class: "send" });
  page.form = el("form", { class: "composer", onsubmit: onSubmit }, page.box, page.send);
  page.side.addEventListener("keydown", (event) => event.key === "Escape" && !WIDE.matches && toggleSide());
  page.top = el("header", { class: "top" });
  page.skip = el("a", { class: "skip", href: "#question" });
  page.hint = el("p", { class: "hint" });
  page.main = el("main", {}, page.top, page.conversation, el("div", { class: "foot" }, page.form, page.hint), page.live);
  root.replaceChildren(page.skip, page.side, page.main, page.source);
  page.sources = createSources(page.source, () => (page.main.inert = false));
  page.panel = createSide(page.side, known, { changed: drawAll, close: toggleSide, added });
}

function drawAll() {
  page.skip.textContent = t("skip_to_question");
  page.top.replaceChildren(
    iconButton("menu", t("open_side_panel"), { "aria-expanded": String(!page.side.hidden), "aria-controls": "side", onclick: toggleSide }),
    el("h1", {}, "Citewise"),
    iconButton("plus", t("new_chat"), { class: "icon new-chat", onclick: startOver }),
  );
  page.conversation.setAttribute("aria-label", t("conversation"));
  page.source.setAttribute("aria-label", t("source_panel"));
  page.side.setAttribute("aria-label", t("side_panel"));
  page.box.setAttribute("aria-label", t("ask_label"));
  page.box.placeholder = t("ask_placeholder");
  page.hint.textContent = t("ask_keys");
  drawSend();
  drawConversation();
}

function drawSend() {
  const button = running
    ? iconButton("stop", t("stop"), { class: "icon round", onclick: () => running?.controller.abort() })
    : iconButton("send", t("send"), { class: "icon round", type: "submit" });
  page.send.replaceChildren(button);
}

function drawConversation() {
  const all = turns().map((turn) => drawTurn(turn, actions));
  if (running?.turns === turns()) all.push(running.pending.article);
  page.conversation.replaceChildren(...(all.length ? all : [welcome()]));
}

function welcome() {
  const isOwn = ({ lang }) => lang.startsWith(spoken());
  const sorted = (known.choices?.examples ?? []).toSorted((one, other) => isOwn(other) - isOwn(one));
  const rows = sorted.map(({ question, lang }) =>
    el("li", {}, foreign("button", question, lang, { type: "button", class: "example", onclick: () => answer(question) })),
  );
  return el(
    "div",
    { class: "welcome" },
    el("h2", {}, t("tagline")),
    known.isEmpty ? el("p", {}, emptyText()) : null,
    rows.length ? el("h3", {}, t("examples")) : null,
    rows.length ? el("ul", {}, ...rows) : null,
  );
}

function emptyText() {
  const canAdd = Object.keys(known.choices?.uploads ?? {}).length;
  return canAdd ? t("index_empty_upload") : t("index_empty", { command: "rag index DIR" });
}

function toggleSide() {
  page.side.hidden = !page.side.hidden;
  page.main.inert = !page.side.hidden && !WIDE.matches;
  page.top.firstChild.setAttribute("aria-expanded", String(!page.side.hidden));
  (page.side.hidden ? page.top.firstChild : page.side.querySelector("button")).focus();
}

function startOver() {
  running?.controller.abort();
  newChat();
  drawAll();
  page.panel.drawChats();
  page.box.focus();
}

// --- asking -------------------------------------------------------------------------------

function onSubmit(event) {
  event.preventDefault();
  const question = page.box.value.trim();
  if (!question || running) return;
  page.box.value = "";
  answer(question);
}

function onKey(event) {
  // While a syllable is being composed, Enter belongs to the input method.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  page.form.requestSubmit();
}

async function answer(question) {
  if (running) return;
  const turn = { question, answer: null, failure: null, partial: "", rating: "" };
  running = { turns: turns(), pending: drawPending(question), controller: new AbortController() };
  const { pending, turns: earlier } = running;
  page.sources.close();
  drawAll();
  pending.article.scrollIntoView({ block: "start" });
  try {
    await follow(turn);
  } catch (error) {
    turn.failure = failureOf(error);
    turn.partial = pending.words.textContent;
  }
  running = null;
  earlier.push(turn);
  keep();
  drawAll();
  page.panel.drawChats();
  page.live.textContent = turn.answer ? t("answer_ready") : failureText(turn.failure);
  page.conversation.lastElementChild.scrollIntoView({ block: "start" });
}

async function follow(turn) {
  const { turns: all, pending, controller } = running;
  const earlier = all.filter((each) => each.answer);
  for await (const { event, data } of ask(turn.question, earlier, store, controller.signal)) {
    if (event === "retrieved") pending.say("writing");
    if (event === "token") pending.write(data.text);
    if (event === "discarded") pending.clear();
    if (event === "answer") turn.answer = data;
  }
}

function failureOf(error) {
  if (error.name === "AbortError") return { code: "cancelled" };
  if (error instanceof Failure) return { code: error.code, message: error.message, requestId: error.requestId };
  throw error;
}

// --- what can be done with an answer ----------------------------------------------------------

const actions = {
  show(turn, marker, opener) {
    const { citations } = turn.answer;
    const place = citations.findIndex((citation) => citation.marker === marker);
    const step = (by) => citations[place + by] && (() => actions.show(turn, citations[place + by].marker, null));
    const navigation = { marker: place + 1, total: citations.length, previous: step(-1), next: step(1) };
    mark(turn, marker);
    page.main.inert = !WIDE.matches;
    return page.sources.show(placeOfCitation(citations[place]), opener, navigation);
  },
  passage(hit, opener) {
    page.main.inert = !WIDE.matches;
    return page.sources.show(placeOfHit(hit), opener);
  },
  retry(turn) {
    const place = turns().indexOf(turn);
    if (running || place < 0) return;
    turns().splice(place, 1);
    answer(turn.question);
  },
  async rate(turn, rating, button) {
    try {
      await rate(turn.answer.request_id, rating);
    } catch (error) {
      page.live.textContent = failureText(failureOf(error));
      return;
    }
    turn.rating = rating;
    keep();
    for (const each of button.parentElement.querySelectorAll("[aria-pressed]")) each.ariaPressed = String(each === button);
    page.live.textContent = t("feedback_thanks");
  },
  async copy(turn) {
    await copied(withSources(turn));
    page.live.textContent = t("copied");
  },
};

function mark(turn, marker) {
  const article = page.conversation.children[turns().indexOf(turn)];
  for (const button of page.conversation.querySelectorAll(".marker[aria-current]")) button.removeAttribute("aria-current");
  for (const button of article.querySelectorAll(`.marker[data-marker="${marker}"]`)) button.setAttribute("aria-current", "true");
}

// Browsers lend the clipboard to https and to this machine only; elsewhere a selection does it.
async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// --- the beginning ------------------------------------------------------------------------------

async function learn() {
  try {
    known.index = await documents();
    known.isEmpty = false;
  } catch (error) {
    known.isEmpty = error.code === "no_index";
  }
  page.panel.drawFilters();
  page.panel.drawLibrary();
  drawWelcome();
  known.choices = await choices().catch(() => known.choices);
  page.panel.drawUpload();
  page.panel.drawSettings();
  drawWelcome();
}

function drawWelcome() {
  if (!turns().length && !running) drawConversation();
}

// The index may change while somebody reads: by `rag index`, or `rag index --watch`.
async function look() {
  if (document.hidden) return;
  const now = await summary().catch(() => null);
  // What the connection broke at is asked for again.
  if (!known.choices || (now && now.generation !== known.index?.generation)) return learn();
  if (!now) return;
  known.index.library = now.library;
  page.panel.drawLibrary();
}

// The service takes a new generation up a moment after it was written.
async function added({ generation }) {
  for (let looks = 0; looks < LOOKS && !(known.index?.generation >= generation); looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, SOON_MS));
    await look();
  }
}

function whenThere(selector) {
  return new Promise((resolve) => {
    const look = () => {
      const found = document.querySelector(selector);
      if (found) observer.disconnect(), resolve(found);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, { childList: true, subtree: true });
    look();
  });
}

async function start() {
  const [root] = await Promise.all([whenThere("#citewise"), speak()]);
  restore();
  followTheme();
  drawPage(root);
  drawAll();
  page.panel.draw();
  page.box.focus();
  await learn();
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
}

start();
