// Chats in the browser: two stores of IndexedDB, and word of every change to the other tabs.
// What a list needs stands apart from the turns, which hold whole passages.

import { wordsOf } from "./chat_search.js";

const NAME = "citewise";
const channel = new BroadcastChannel(NAME);
let opening = null;

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const store of ["chats", "turns"]) request.result.createObjectStore(store, { keyPath: "id" });
  };
  return result(request);
}

async function run(mode, work) {
  opening ??= opened();
  const transaction = (await opening).transaction(["chats", "turns"], mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const found = await work(transaction.objectStore("chats"), transaction.objectStore("turns"));
  await done;
  return found;
}

// Of every chat { id, name, question, words, updated }, the latest first.
export const list = () =>
  run("readonly", async (chats) => (await result(chats.getAll())).sort((one, other) => other.updated - one.updated));

// The chat { id, name, turns }, or null.
export const find = (id) =>
  run("readonly", async (chats, turns) => {
    const [chat, held] = await Promise.all([result(chats.get(id)), result(turns.get(id))]);
    return chat ? { id, name: chat.name, turns: held.turns } : null;
  });

// Lets `alter` change a chat, in one step with the reading; a chat without turns is none.
export async function change(id, alter) {
  await run("readwrite", async (chats, turns) => {
    const [chat, held] = await Promise.all([result(chats.get(id)), result(turns.get(id))]);
    const kept = { name: chat?.name ?? "", turns: held?.turns ?? [] };
    alter(kept);
    if (!kept.turns.length) return [chats, turns].forEach((store) => store.delete(id));
    chats.put({ id, name: kept.name, question: kept.turns[0].question, words: wordsOf(kept), updated: Date.now() });
    turns.put({ id, turns: kept.turns });
  });
  channel.postMessage(id);
}

export const remove = (id) => change(id, (kept) => (kept.turns = []));

export async function clear() {
  await run("readwrite", (chats, turns) => [chats, turns].forEach((store) => store.clear()));
  channel.postMessage("");
}

// `told(id)` hears which chat another tab has changed; empty for all.
export const onChange = (told) => (channel.onmessage = ({ data }) => told(data));
