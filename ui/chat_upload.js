// Adds documents: a button that asks for files, and for each a line that says how far it is, or why it was refused.

import { failureText } from "./chat_answer.js";
import { Failure, upload } from "./chat_api.js";
import { el, fill, foreign } from "./chat_dom.js";
import { has, megabytes, t } from "./chat_words.js";

// What may be otherwise in a moment.
const PASSING = ["offline", "busy", "index_busy", "rate_limited"];

// `added(reply)` is awaited before a document is called added: then it can be asked about.
export function createUpload(added) {
  let kinds = {};
  let queue = Promise.resolve();
  const rows = [];
  const picker = el("input", { type: "file", multiple: true, hidden: true, onchange: () => pick() });
  const button = el("button", { type: "button", class: "plain", onclick: () => picker.click() });
  const hint = el("p", { class: "meta" });
  const list = el("ul", { class: "uploads", "aria-live": "polite" });
  const element = el("div", { class: "part", hidden: true }, button, hint, list, picker);

  function pick() {
    for (const file of picker.files) {
      const row = { file, element: el("li"), state: "waiting", share: 0, failure: null, doubts: [] };
      rows.push(row);
      list.append(row.element);
      enqueue(row);
    }
    picker.value = "";
  }

  // One after the other, as the service indexes them.
  function enqueue(row) {
    show(row, { state: "waiting", share: 0, failure: null });
    queue = queue.then(() => send(row));
  }

  async function send(row) {
    try {
      check(row.file, kinds);
      const reply = await upload(row.file, (share) => show(row, { state: share < 1 ? "sending" : "indexing", share }));
      await added(reply);
      show(row, { state: "added", doubts: reply.doubts });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      show(row, { state: "failed", failure: error });
    }
  }

  function show(row, changes) {
    Object.assign(row, changes);
    fill(row.element, foreign("span", row.file.name, "", { class: "title" }), ...told(row, kinds, () => enqueue(row)));
  }

  function draw(allowed) {
    kinds = allowed;
    element.hidden = !Object.keys(kinds).length;
    picker.accept = Object.keys(kinds).join(",");
    button.textContent = t("upload_add");
    hint.textContent = t("upload_kinds");
    for (const row of rows) show(row, {});
  }

  return { element, draw };
}

const suffixOf = (file) => /\.[^.]*$/.exec(file.name)?.[0].toLowerCase();

// What would be refused is not sent.
function check(file, kinds) {
  const atMost = kinds[suffixOf(file)];
  if (!atMost) throw new Failure("unsupported_file");
  if (file.size > atMost) throw new Failure("too_large");
}

function told({ file, state, share, failure, doubts }, kinds, again) {
  if (state === "added") return [line(t("upload_added")), ...doubts.map((doubt) => foreign("p", doubt, "en", { class: "meta" }))];
  if (state !== "failed") return [bar(state, share), line(t(`upload_${state}`))];
  const key = `upload_error_${failure.code}`;
  const fields = { kinds: t("upload_kinds"), size: megabytes(kinds[suffixOf(file)]) };
  return [
    el("p", { class: "failed" }, has(key) ? t(key, fields) : failureText(failure)),
    failure.code === "unreadable" ? foreign("p", failure.message, "en", { class: "meta" }) : null,
    PASSING.includes(failure.code) ? el("button", { type: "button", class: "link", onclick: again }, t("retry")) : null,
  ];
}

const line = (text) => el("p", { class: "meta" }, text);

// Without a value it moves to and fro.
const bar = (state, share) =>
  el("progress", { max: 1, value: state === "sending" ? share : null, "aria-label": t(`upload_${state}`) });
