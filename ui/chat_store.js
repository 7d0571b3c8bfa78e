// The chat on the page, and what is chosen for the next question, kept until the tab is closed.

import { change, find } from "./chat_history.js";

const KEY = "citewise.choices";
const EMPTY = { docs: [], folders: [], langs: [], since: null, until: null };

export const store = { where: { ...EMPTY }, backend: "", strict: false };
let chat = { id: "", name: "", turns: [] };

export const current = () => chat;
export const turns = () => chat.turns;
export const titleOf = ({ name, question, turns = [] }) => name || (question ?? turns[0]?.question ?? "");

export function restore() {
  try {
    Object.assign(store, JSON.parse(sessionStorage.getItem(KEY) ?? "{}"));
  } catch {
    sessionStorage.removeItem(KEY);
  }
}

export const keep = () => sessionStorage.setItem(KEY, JSON.stringify(store));

export function newChat() {
  chat = { id: "", name: "", turns: [] };
}

// Takes a chat to the page; false if it is not kept here.
export async function openChat(id) {
  const found = await find(id).catch(() => null);
  chat = found ?? { id: "", name: "", turns: [] };
  return Boolean(found);
}

// Takes up what another tab has done to it; false if it is no longer there.
export async function refresh() {
  const found = await find(chat.id).catch(() => chat);
  chat = found ?? chat;
  return Boolean(found);
}

// The id of the chat on the page; a new one gets it with its first question.
export function named() {
  chat.id ||= newId();
  return chat.id;
}

// randomUUID is lent to https and to this machine only.
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, "0")).join("");

export function keepTurn(id, turn) {
  if (chat.id === id) put(chat.turns, turn);
  return change(id, (kept) => put(kept.turns, turn));
}

export function dropTurn(id, turn) {
  const without = (held) => (held.turns = held.turns.filter((each) => each.id !== turn.id));
  if (chat.id === id) without(chat);
  return change(id, without);
}

export function rename(name) {
  chat.name = name;
  return change(chat.id, (kept) => (kept.name = name));
}

function put(all, turn) {
  const place = all.findIndex((each) => each.id === turn.id);
  if (place < 0) all.push(turn);
  else all[place] = turn;
}

export function clearFilters() {
  store.where = { ...EMPTY };
  keep();
}

export const filtersInForce = ({ docs, folders, langs, since, until } = store.where) =>
  docs.length + folders.length + langs.length + (since ? 1 : 0) + (until ? 1 : 0);
