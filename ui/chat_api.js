// The service: questions in, events out. Every failure becomes a Failure with the code of the service.

const TURNS = 6;
const TURN_CHARACTERS = 4000;
const PAGE = 1000;

export class Failure extends Error {
  constructor(code, message = "", requestId = "") {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw error.name === "AbortError" ? error : new Failure("offline");
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Failure(body.code ?? "internal", body.message ?? "", body.request_id ?? "");
}

const post = (path, body, signal) =>
  request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });

// Yields { event, data } until the answer or the error. A stream that ends before is a failure too.
export async function* ask(question, turns, { where, backend, strict }, signal) {
  const history = turns.slice(-TURNS).map((turn) => ({
    question: turn.question,
    answer: turn.answer.text.slice(0, TURN_CHARACTERS),
  }));
  const body = { question, history, where, strict, stream: true, ...(backend ? { backend } : {}) };
  const response = await post("ask", body, signal);
  for await (const { event, data } of events(response.body)) {
    if (event === "error") throw new Failure(data.code, data.message, data.request_id);
    yield { event, data };
    if (event === "answer") return;
  }
  throw new Failure("offline");
}

async function* events(stream) {
  let pending = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (pending + value).split("\n\n");
      pending = blocks.pop();
      yield* blocks.map(event);
    }
  } catch (error) {
    throw error.name === "AbortError" ? error : new Failure("offline");
  } finally {
    reader.cancel().catch(() => {});
  }
}

function event(block) {
  const fields = Object.fromEntries(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return { event: fields.event, data: JSON.parse(fields.data) };
}

// All documents, and under `library` what is known of them together.
export async function documents() {
  const found = [];
  for (;;) {
    const page = await (await request(`documents?offset=${found.length}&limit=${PAGE}`)).json();
    found.push(...page.documents);
    if (!page.documents.length || found.length >= page.total) return { ...page, documents: found };
  }
}

export const summary = async () => (await request("documents?limit=1")).json();

export async function text(docId, start, limit) {
  return (await request(`${pathOf(docId)}?start=${start}&limit=${limit}`)).json();
}

// A page of the documents, searched and sorted: { q, sort, order, offset, limit }.
export const documentsPage = async (wanted) => (await request(`documents?${new URLSearchParams(wanted)}`)).json();

// A stretch of a document as headings, paragraphs, lists, tables and code.
export const documentBlocks = async (docId, start) =>
  (await request(`${pathOf(docId)}?form=blocks&limit=20000&start=${start}`)).json();

export const removeDocument = (docId) => request(pathOf(docId), { method: "DELETE" });

// "." and ".." would be taken as steps on the way to another address: a dot that is encoded is one all the same.
const pathOf = (docId) => {
  const parts = docId.split("/");
  if (parts.some((part) => part === "." || part === "..")) throw new Failure("not_found");
  return `documents/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join("/")}`;
};

// The files that were sent from here, and how far each is.
export const uploads = async () => (await (await request("uploads")).json()).uploads;

export const cancelUpload = (id) => request(`uploads/${id}`, { method: "DELETE" });
export const progress = async (id) => (await request(`uploads/${id}`)).json();

// Sends a file; gives the job that becomes of it. `told(share)` hears how much of it is out, which fetch cannot tell.
export function upload(file, name, told) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `uploads?name=${encodeURIComponent(name.toWellFormed())}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 1);
    request.upload.onload = () => told(1);
    request.onload = () => (request.status === 202 ? resolve(JSON.parse(request.response)) : reject(refusal(request.response)));
    request.onerror = () => reject(new Failure("offline"));
    request.send(file);
  });
}

function refusal(text) {
  try {
    const { code, message, request_id: requestId } = JSON.parse(text);
    return new Failure(code, message, requestId);
  } catch {
    return new Failure("internal");
  }
}

// All folders are indexed again: begins a run, tells how far the last one is.
export const reindex = async () => (await request("reindex", { method: "POST" })).json();
export const reindexed = async () => (await request("reindex")).json();

export const choices = async () => (await request("chat/choices")).json();
export const rate = (requestId, rating, comment = "") => post("feedback", { request_id: requestId, rating, comment });
export const signOut = () => post("sign-out", {});

// A page of a PDF and where the quote is on it. Drawn from its bytes: no address of a picture is needed.
export async function pagePicture({ docId, page, start, end }) {
  const id = docId.split("/").map((part) => encodeURIComponent(part.toWellFormed())).join("/");
  const response = await request(`documents/${id}/pages/${page}?start=${start}&end=${end}`);
  const boxes = JSON.parse(response.headers.get("Citewise-Boxes") ?? "[]");
  return { picture: await createImageBitmap(await response.blob()), boxes };
}
