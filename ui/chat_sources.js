// The source beside the answer: the quoted words in their surroundings, and from there the whole document.

import { el, fill, foreign, iconButton, sliced } from "./chat_dom.js";
import { meta } from "./chat_answer.js";
import { pagePicture, text } from "./chat_api.js";
import { t } from "./chat_words.js";

const AROUND = 700;
const PAGE = 8000;
const MOST = 100_000;

// `panel` is the element; `closed` is called when a person closes it.
export function createSources(panel, closed) {
  let opener = null;
  let asked = 0;

  async function show(place, from, navigation = null) {
    opener = from ?? opener;
    const turn = ++asked;
    const extent = { start: Math.max(0, place.start - AROUND), end: place.end + AROUND };
    const body = el("div", { class: "document", tabindex: 0, role: "region", "aria-label": t("passage") });
    draw(place, navigation, body);
    const found = await load(body, place, extent, () => turn === asked);
    if (turn !== asked) return;
    if (found) panel.querySelector(".meta").textContent = meta({ ...place, date: found.date });
    scrollTo(body);
  }

  function draw(place, navigation, body) {
    const heading = foreign("h2", place.title, place.lang, { tabindex: -1 });
    fill(
      panel,
      el(
        "header",
        {},
        navigation ? navigationBar(navigation) : el("span", { class: "count" }, t("passage")),
        iconButton("close", t("close"), { onclick: close, class: "icon close" }),
      ),
      heading,
      el("p", { class: "meta" }, meta(place)),
      foreign("p", place.docId, "", { class: "meta path" }),
      body,
      el(
        "footer",
        {},
        el("button", { type: "button", class: "plain open", onclick: () => whole(place, body) }, t("open_document")),
        place.page && place.docId.toLowerCase().endsWith(".pdf") ? pageButton(place, body) : null,
      ),
    );
    panel.hidden = false;
    document.body.classList.add("has-source");
    heading.focus();
  }

  function navigationBar({ marker, total, previous, next }) {
    return el(
      "div",
      { class: "between" },
      iconButton("previous", t("previous_source"), { disabled: !previous, onclick: previous }),
      el("span", { class: "count" }, t("source_n_of", { n: marker, total })),
      iconButton("next", t("next_source"), { disabled: !next, onclick: next }),
    );
  }

  async function whole(place, body) {
    panel.classList.add("whole");
    panel.querySelector(".open").hidden = true;
    panel.querySelector("button.page")?.setAttribute("aria-pressed", "false");
    const start = Math.max(0, Math.floor((place.start - PAGE / 2) / PAGE) * PAGE);
    await load(body, place, { start, end: Math.max(start + 2 * PAGE, place.end + AROUND) }, () => true);
    scrollTo(body);
    body.focus();
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.classList.remove("whole");
    document.body.classList.remove("has-source");
    asked += 1;
    if (opener?.isConnected) opener.focus();
    closed();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return { show: (...all) => (panel.classList.remove("whole"), show(...all)), close };
}

// Loads into `body` the text of `extent`, the quoted words marked, and with what widens the extent.
async function load(body, place, extent, isWanted) {
  const found = await fetched(place, extent);
  if (!isWanted()) return null;
  if (!found) {
    const lost = el("p", { class: "note" }, t("error_document"));
    fill(body, lost, place.quote ? foreign("blockquote", place.quote, place.lang) : null);
    return null;
  }
  const widen = (key, next) =>
    el("button", { type: "button", class: "plain more", onclick: () => load(body, place, next, () => true) }, t(key));
  const from = place.start - found.start;
  const to = place.end - found.start;
  const cut = (start, end) => sliced(found.text, start, end);
  const label = place.quote ? t("quoted_words") : t("passage");
  const marked = foreign(place.quote ? "mark" : "span", cut(from, to), place.lang, { class: "target", title: label });
  fill(
    body,
    found.start > 0 ? widen("show_earlier", { ...extent, start: Math.max(0, found.start - PAGE) }) : null,
    foreign("div", [cut(0, from), marked, cut(to)], place.lang, { class: "text" }),
    found.end < found.length ? widen("show_more", { ...extent, end: found.end + PAGE }) : null,
  );
  return found;
}

// The text of the extent, or null when the document no longer says what was quoted.
async function fetched(place, { start, end }) {
  try {
    const found = await text(place.docId, start, Math.min(end - start, MOST));
    while (found.end < Math.min(end, found.length)) {
      const next = await text(place.docId, found.end, Math.min(end - found.end, MOST));
      if (next.sha256 !== found.sha256) return null;
      found.text += next.text;
      found.end = next.end;
    }
    const isThere = !place.quote || sliced(found.text, place.start - start, place.end - start) === place.quote;
    return isThere ? found : null;
  } catch {
    return null;
  }
}

// Shows the page instead of the text, and the text again.
function pageButton(place, body) {
  const button = el("button", { type: "button", class: "plain page", "aria-pressed": "false" }, t("page"));
  let words = [];
  button.addEventListener("click", async () => {
    const isShown = button.getAttribute("aria-pressed") === "true";
    if (!isShown) words = [...body.childNodes];
    const shown = isShown ? words : [await drawnPage(place)];
    body.replaceChildren(...shown);
    body.scrollTop = Math.max(0, (shown[0].dataset?.top ?? 0) * body.scrollHeight - body.clientHeight / 3);
    button.setAttribute("aria-pressed", String(!isShown));
  });
  return button;
}

async function drawnPage(place) {
  try {
    const { picture, boxes } = await pagePicture(place);
    const canvas = el("canvas", { class: "page", role: "img", "aria-label": `${place.title}, ${place.place}` });
    canvas.width = picture.width;
    canvas.height = picture.height;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    context.globalCompositeOperation = "multiply";
    context.fillStyle = "#ffe27a";
    for (const [left, top, width, height] of boxes) {
      context.fillRect(left * canvas.width, top * canvas.height, width * canvas.width, height * canvas.height);
    }
    canvas.dataset.top = boxes[0]?.[1] ?? 0;
    return canvas;
  } catch (failure) {
    return el("p", { class: "note" }, failure.message || t("error_document"));
  }
}

function scrollTo(body) {
  const target = body.querySelector(".target");
  if (target) body.scrollTop += target.getBoundingClientRect().top - body.getBoundingClientRect().top - body.clientHeight / 3;
}

export const placeOfCitation = (citation) => ({ ...citation, docId: citation.doc_id });

// A passage that was found and not quoted: shown in its surroundings, nothing highlighted as proof.
export const placeOfHit = ({ chunk, title }) => ({
  docId: chunk.doc_id,
  start: chunk.start,
  end: chunk.end,
  lang: chunk.lang,
  date: null,
  page: chunk.page,
  place: chunk.place,
  title,
  quote: "",
});
