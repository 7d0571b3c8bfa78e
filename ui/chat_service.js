// Chats that the service keeps for whoever has its token, and word of every change to the other tabs.

import { request } from "./chat_api.js";
import { wordsOf } from "./chat_search.js";

const TRIES = 5;
const WORDS = 20_000;
const channel = new BroadcastChannel("citewise-service");
const at = (id) => `chats/${encodeURIComponent(id)}`;

// Of every chat { id, name, question, words, updated }, the latest first.
export const list = async () => (await (await request("chats")).json()).chats;

// The chat { id, name, turns, updated }, or null.
export async function find(id) {
  try {
    return await (await request(at(id))).json();
  } catch (error) {
    if (error.code === "not_found" || error.code === "invalid") return null;
    throw error;
  }
}

// Lets `alter` change a chat: read, altered and put again until nobody was faster. A chat without turns is none.
export async function change(id, alter) {
  for (let left = TRIES; left; left -= 1) {
    const found = await find(id);
    const kept = { name: found?.name ?? "", turns: found?.turns ?? [] };
    alter(kept);
    if (!kept.turns.length) return remove(id);
    if (await put(id, kept, found?.updated ?? 0, left > 1)) return channel.postMessage(id);
  }
}

async function put(id, { name, turns }, updated, mayFail) {
  const body = { name, question: turns[0].question, words: wordsOf({ name, turns }).slice(0, WORDS), turns, updated };
  try {
    return await request(at(id), { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch (error) {
    if (mayFail && error.code === "chat_changed") return null;
    throw error;
  }
}

export async function remove(id) {
  await request(at(id), { method: "DELETE" });
  channel.postMessage(id);
}

export async function clear() {
  await request("chats", { method: "DELETE" });
  channel.postMessage("");
}

// `told(id)` hears which chat another tab has changed; empty for all. Another machine's changes are seen at the next reading.
export const onChange = (told) => (channel.onmessage = ({ data }) => told(data));
