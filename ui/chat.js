// The chat: wires the question box, the conversation, the source beside it, and the side panel.

import { drawPending, drawTurn, failureText } from "./chat_answer.js";
import { Failure, ask, choices, documents, rate, summary } from "./chat_api.js";
import { el, flash, foreign, iconButton } from "./chat_dom.js";
import { onChange } from "./chat_history.js";
import { chatMenu } from "./chat_menu.js";
import { address, correct, go, isStep, place } from "./chat_route.js";
import { createSide } from "./chat_side.js";
import { createSources, placeOfCitation, placeOfHit } from "./chat_sources.js";
import { current, dropTurn, keepTurn, named, newChat, newId, openChat, refresh, restore, store, titleOf, turns } from "./chat_store.js";
import { copy, withSources } from "./chat_text.js";
import { applyTheme } from "./chat_theme.js";
import { number, speak, spoken, t } from "./chat_words.js";

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
  page.box = el("textarea", { id: "question", rows: 1, dir: "auto", onkeydown: onKey, oninput: checkLength });
  page.send = el("div", { class: "send" });
  page.form = el("form", { class: "composer", onsubmit: onSubmit }, page.box, page.send);
  page.notice = el("p", { class: "notice", role: "status" });
  page.side.addEventListener("keydown", (event) => event.key === "Escape" && !WIDE.matches && toggleSide());
  page.top = el("header", { class: "top" });
  page.skip = el("button", { type: "button", class: "skip", onclick: () => page.box.focus() });
  page.hint = el("p", { class: "hint" });
  const foot = el("div", { class: "foot" }, page.notice, page.form, page.hint);
  page.main = el("main", {}, page.top, page.conversation, foot, page.live);
  root.replaceChildren(page.skip, page.side, page.main, page.source);
  page.sources = createSources(page.source, sourceClosed);
  page.panel = createSide(page.side, known, { changed: drawAll, close: toggleSide, added, open: visit });
  WIDE.addEventListener("change", () => showSide(WIDE.matches));
}

function drawAll() {
  page.skip.textContent = t("skip_to_question");
  page.conversation.setAttribute("aria-label", t("conversation"));
  page.source.setAttribute("aria-label", t("source_panel"));
  page.side.setAttribute("aria-label", t("side_panel"));
  page.box.setAttribute("aria-label", t("ask_label"));
  page.box.placeholder = t("ask_placeholder");
  page.hint.textContent = t("ask_keys");
  drawTop();
  drawSend();
  drawConversation();
}

function drawTop() {
  const title = titleOf(current());
  document.title = title ? `${title} · Citewise` : "Citewise";
  page.top.replaceChildren(
    iconButton("menu", t("open_side_panel"), { "aria-expanded": String(!page.side.hidden), "aria-controls": "side", onclick: toggleSide }),
    foreign("h1", title || "Citewise"),
    ...(turns().length ? [chatMenu({ renamed: drawTop, deleted: visit })] : []),
    iconButton("plus", t("new_chat"), { class: "icon new-chat", onclick: () => visit() }),
  );
}

function drawSend() {
  const button = running
    ? iconButton("stop", t("stop"), { class: "icon round", onclick: () => running?.controller.abort() })
    : iconButton("send", t("send"), { class: "icon round", type: "submit" });
  page.send.replaceChildren(button);
}

function drawConversation() {
  const all = turns().map((turn) => drawTurn(turn, actions));
  if (running?.id === current().id) all.push(running.pending.article);
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

function showSide(isShown) {
  page.side.hidden = !isShown;
  page.main.inert = isShown && !WIDE.matches;
  page.top.firstChild.setAttribute("aria-expanded", String(isShown));
}

function toggleSide() {
  showSide(page.side.hidden);
  (page.side.hidden ? page.top.firstChild : page.side.querySelector("button")).focus();
}

function tell(text) {
  page.notice.textContent = text;
}

// --- where one is -------------------------------------------------------------------------

// Goes to a chat; without an id to a new one.
async function visit(id = "") {
  if (!id) running?.controller.abort();
  if (!WIDE.matches) showSide(false);
  go({ id });
  await show();
  page.box.focus();
}

// Shows what the address says.
async function show() {
  const { id, answer, marker } = place();
  if (id !== current().id) {
    const isHere = id ? await openChat(id) : newChat();
    tell(isHere === false ? t("chat_not_here") : "");
    drawAll();
    page.panel.drawChats();
  }
  const turn = turns()[answer - 1];
  if (marker && turn?.answer) return showSource(turn, marker, null);
  page.sources.close();
  if (turn) page.conversation.children[answer - 1].scrollIntoView({ block: "start" });
}

function sourceClosed() {
  page.main.inert = false;
  if (!place().marker) return;
  if (isStep()) history.back();
  else correct({ id: current().id });
}

// Another tab has changed a chat, or cleared them all.
async function changed(id) {
  page.panel.drawChats();
  if (!current().id || running?.id === current().id || (id && id !== current().id)) return;
  if (!(await refresh())) {
    newChat();
    correct({});
  }
  drawAll();
}

// --- asking -------------------------------------------------------------------------------

function onSubmit(event) {
  event.preventDefault();
  const question = page.box.value.trim();
  if (!question || running || !checkLength()) return;
  page.box.value = "";
  answer(question);
}

function onKey(event) {
  // While a syllable is being composed, Enter belongs to the input method.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  page.form.requestSubmit();
}

// What is too long stays to be shortened: cut off in silence it would be another question.
function checkLength() {
  const length = [...page.box.value.trim()].length;
  const isShort = length <= MAX_QUESTION;
  tell(isShort ? "" : t("question_too_long", { length: number(length), most: number(MAX_QUESTION) }));
  return isShort;
}

async function answer(question) {
  if (running) return;
  const turn = { id: newId(), question, where: structuredClone(store.where), answer: null, failure: null, partial: "", rating: "" };
  page.sources.close();
  running = { id: named(), turns: [...turns()], pending: drawPending(question), controller: new AbortController() };
  const { id, pending } = running;
  correct({ id });
  drawAll();
  pending.article.scrollIntoView({ block: "start" });
  try {
    await follow(turn);
  } catch (error) {
    turn.failure = failureOf(error);
    turn.partial = pending.words.textContent;
  }
  await kept(keepTurn(id, turn));
  running = null;
  if (id === current().id) await refresh();
  drawAll();
  page.panel.drawChats();
  page.live.textContent = turn.answer ? t("answer_ready") : failureText(turn.failure);
  if (id === current().id) page.conversation.lastElementChild.scrollIntoView({ block: "start" });
}

// A browser that keeps nothing, or has no room, is no reason to show no answer.
const kept = (keeping) => keeping.catch(() => tell(t("not_kept")));

async function follow(turn) {
  const { pending, controller } = running;
  const earlier = running.turns.filter((each) => each.answer);
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
    const to = { ...whereIs(turn), marker };
    if (place().marker) correct(to);
    else go(to);
    return showSource(turn, marker, opener);
  },
  passage(hit, opener) {
    page.main.inert = !WIDE.matches;
    return page.sources.show(placeOfHit(hit), opener);
  },
  async retry(turn) {
    if (running) return;
    await kept(dropTurn(current().id, turn));
    answer(turn.question);
  },
  async rate(turn, rating) {
    if (!(await told(turn, rating))) return;
    turn.rating = rating;
    await kept(keepTurn(current().id, turn));
    redraw(turn, `[aria-pressed="true"]`);
  },
  async comment(turn, text) {
    if (!(await told(turn, turn.rating, text))) return;
    turn.comment = text;
    await kept(keepTurn(current().id, turn));
    redraw(turn, `[aria-pressed="true"]`);
  },
  async copy(turn, button) {
    await copy(withSources(turn));
    say(button, t("copied"));
  },
  async link(turn, button) {
    await copy(address(whereIs(turn)));
    say(button, t("copied"));
  },
};

const whereIs = (turn) => ({ id: current().id, answer: turns().indexOf(turn) + 1 });
const articleOf = (turn) => page.conversation.children[turns().indexOf(turn)];

function say(button, text) {
  flash(button, text);
  page.live.textContent = text;
}

// Whether the service has taken a rating.
async function told(turn, rating, comment) {
  try {
    await rate(turn.answer.request_id, rating, comment);
    page.live.textContent = t("feedback_thanks");
    return true;
  } catch (error) {
    tell(failureText(failureOf(error)));
    return false;
  }
}

// Draws one answer anew; what was under the hand is there again.
function redraw(turn, focused) {
  articleOf(turn).replaceWith(drawTurn(turn, actions));
  articleOf(turn).querySelector(focused)?.focus();
}

function showSource(turn, marker, opener) {
  const { citations } = turn.answer;
  const at = citations.findIndex((citation) => citation.marker === marker);
  if (at < 0) return null;
  const step = (by) => citations[at + by] && (() => actions.show(turn, citations[at + by].marker, null));
  mark(turn, marker);
  page.main.inert = !WIDE.matches;
  const navigation = { marker: at + 1, total: citations.length, previous: step(-1), next: step(1) };
  return page.sources.show(placeOfCitation(citations[at]), opener, navigation);
}

function mark(turn, marker) {
  for (const button of page.conversation.querySelectorAll(".marker[aria-current]")) button.removeAttribute("aria-current");
  for (const button of articleOf(turn).querySelectorAll(`.marker[data-marker="${marker}"]`)) button.setAttribute("aria-current", "true");
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

async function start() {
  applyTheme();
  await speak();
  restore();
  drawPage(document.querySelector("#citewise"));
  drawAll();
  page.panel.draw();
  const { question } = place();
  await show();
  window.addEventListener("popstate", show);
  onChange(changed);
  if (question) begin(question);
  else if (!place().marker) page.box.focus();
  await learn();
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
}

// A question that came with the address.
function begin(question) {
  correct({ id: current().id });
  page.box.value = question;
  page.form.requestSubmit();
}

start();
