// Adds documents: files and folders that are chosen or dropped, each with a line that says how far it is, or why not.

import { failureText } from "./chat_answer.js";
import { Failure, cancelUpload, progress, upload, uploads } from "./chat_api.js";
import { el, fill, foreign } from "./chat_dom.js";
import { has, megabytes, number, t } from "./chat_words.js";

// What may be otherwise in a moment.
const PASSING = ["offline", "busy", "rate_limited", "too_many_uploads"];
const ENDED = ["done", "failed", "cancelled"];
const LOOK_MS = 500;

// `added(job)` is awaited before a document is called added.
export function createUpload(added) {
  let kinds = null;
  let queue = Promise.resolve();
  let isLooking = false;
  const rows = [];
  const picker = el("input", { type: "file", multiple: true, hidden: true, onchange: () => pick(picker) });
  const folder = el("input", { type: "file", webkitdirectory: true, hidden: true, onchange: () => pick(folder) });
  const button = el("button", { type: "button", class: "plain", onclick: () => picker.click() });
  const other = el("button", { type: "button", class: "plain", onclick: () => folder.click() });
  const hint = el("p", { class: "meta drop" });
  const summary = el("summary");
  const allowed = el("p", { class: "meta" });
  const skipped = el("p", { class: "meta", role: "status" });
  const list = el("ul", { class: "uploads", "aria-live": "polite" });
  const element = el(
    "div",
    { class: "part upload", hidden: true },
    el("div", { class: "buttons" }, button, other),
    hint,
    el("details", {}, summary, allowed),
    skipped,
    list,
    picker,
    folder,
  );

  function pick(input) {
    const isFolder = input === folder;
    add([...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })), isFolder);
    input.value = "";
  }

  // Of a folder only what can be read is sent: it holds files that nobody chose.
  function add(files, isFolder) {
    const chosen = isFolder ? files.filter(({ name }) => !/(^|\/)\./.test(name) && kinds[suffixOf(name)]) : files;
    skipped.textContent = chosen.length < files.length ? t("upload_skipped", { n: number(files.length - chosen.length) }) : "";
    for (const { file, name } of chosen) enqueue(newRow({ file, name }));
  }

  function newRow(fields) {
    const row = { id: "", element: el("li"), state: "waiting", share: null, failure: null, doubts: [], ...fields };
    rows.push(row);
    list.append(row.element);
    return row;
  }

  // Sent one after the other; what becomes of them is looked up for all at once.
  function enqueue(row) {
    show(row, { state: "waiting", share: null, failure: null });
    queue = queue.then(() => send(row));
  }

  async function send(row) {
    if (row.state === "cancelled") return;
    try {
      check(row, kinds);
      const job = await upload(row.file, row.name, (share) => show(row, { state: "sending", share }));
      show(row, { id: job.upload_id, ...following(job) });
      look();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      show(row, { state: "failed", failure: error });
    }
  }

  async function look() {
    if (isLooking) return;
    isLooking = true;
    for (let waiting; (waiting = rows.filter(isOnItsWay)).length; ) {
      const jobs = new Map((await uploads().catch(() => [])).map((job) => [job.upload_id, job]));
      await Promise.all(waiting.map((row) => (jobs.has(row.id) ? follow(row, jobs.get(row.id)) : find(row))));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    isLooking = false;
  }

  async function follow(row, job) {
    if (!isOnItsWay(row)) return;
    if (job.stage === "done") await added(job);
    show(row, following(job));
  }

  // One that the list lacks was sent from another address, or given up in another tab.
  async function find(row) {
    try {
      await follow(row, await progress(row.id));
    } catch (error) {
      if (error.code === "not_found") show(row, { state: "cancelled" });
    }
  }

  async function cancel(row) {
    if (row.id) await cancelUpload(row.id).catch(() => null).then(() => find(row));
    else show(row, { state: "cancelled" });
  }

  function show(row, changes) {
    const hadFocus = row.element.contains(document.activeElement);
    Object.assign(row, changes);
    fill(row.element, foreign("span", row.name, "", { class: "title" }), ...told(row, kinds, { again: () => enqueue(row), cancel: () => cancel(row) }));
    if (hadFocus) row.element.querySelector("button")?.focus();
  }

  // What was sent before the page was loaded goes on without it.
  async function resume() {
    const jobs = await uploads().catch(() => []);
    for (const job of jobs) {
      if (!ENDED.includes(job.stage)) show(newRow({ file: null, name: job.name, id: job.upload_id }), following(job));
    }
    look();
  }

  function draw(found) {
    const isFirst = !kinds && Object.keys(found).length;
    kinds = found;
    element.hidden = !Object.keys(kinds).length;
    picker.accept = Object.keys(kinds).join(",");
    button.textContent = t("upload_add");
    other.textContent = t("upload_folder");
    hint.textContent = t("upload_drop");
    summary.textContent = t("upload_which");
    allowed.textContent = t("upload_kinds");
    for (const row of rows) show(row, {});
    if (isFirst) resume();
  }

  return { element, draw, add, isOpen: () => !element.hidden };
}

// Files and folders that are dropped on `target` go to `upload`.
export function dropTarget(target, upload) {
  const isFile = (event) => upload.isOpen() && event.dataTransfer?.types.includes("Files");
  const mark = (isOver) => target.classList.toggle("dropping", isOver);
  target.addEventListener("dragover", (event) => isFile(event) && (event.preventDefault(), mark(true)));
  target.addEventListener("dragleave", (event) => !target.contains(event.relatedTarget) && mark(false));
  target.addEventListener("drop", async (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    mark(false);
    // Entries have to be taken before anything is awaited; a browser without them gives files.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...event.dataTransfer.files].map((file) => ({ file, name: file.name }));
    if (!entries.some((entry) => entry.isDirectory)) return upload.add(files, false);
    upload.add((await Promise.all(entries.map((entry) => filesOf(entry)))).flat(), true);
  });
}

async function filesOf(entry, above = "") {
  const name = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    return file ? [{ file, name }] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map((each) => filesOf(each, `${name}/`)))).flat();
}

const suffixOf = (name) => /\.[^.]*$/.exec(name)?.[0].toLowerCase();
const isOnItsWay = ({ id, state }) => id && !ENDED.includes(state);

// What a line shows of a job.
function following({ stage, done, total, doubts, error }) {
  const failure = error && new Failure(error.code, error.message);
  return { state: stage, share: total ? done / total : null, doubts, failure };
}

// What would be refused is not sent.
function check({ file, name }, kinds) {
  const atMost = kinds[suffixOf(name)];
  if (!atMost) throw new Failure("unsupported_file");
  if (file.size > atMost) throw new Failure("too_large");
}

function told({ file, name, state, share, failure, doubts }, kinds, { again, cancel }) {
  if (state === "done") return [line(t("upload_added")), ...doubts.map((doubt) => foreign("p", doubt, "en", { class: "meta" }))];
  if (state === "cancelled") return [line(t("upload_cancelled"))];
  if (state !== "failed") return [bar(state, share), line(t(`upload_${state}`)), state === "sending" ? null : act(t("upload_cancel"), name, cancel)];
  const key = `upload_error_${failure.code}`;
  const fields = { size: megabytes(kinds[suffixOf(name)]) };
  return [
    el("p", { class: "failed" }, has(key) ? t(key, fields) : failureText(failure)),
    failure.code === "unreadable" ? foreign("p", failure.message, "en", { class: "meta" }) : null,
    file && PASSING.includes(failure.code) ? act(t("retry"), name, again) : null,
  ];
}

const line = (text) => el("p", { class: "meta" }, text);
const act = (text, name, done) => el("button", { type: "button", class: "link", "aria-label": `${text}: ${name}`, onclick: done }, text);

// Without a value it moves to and fro.
const bar = (state, share) => el("progress", { max: 1, value: share, "aria-label": t(`upload_${state}`) });
