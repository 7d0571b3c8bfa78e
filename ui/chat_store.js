// What a reload brings back: chats and choices, kept by the browser until its tab is closed.

const KEY = "citewise.chats";

const EMPTY = { docs: [], folders: [], langs: [], since: null, until: null };

export const store = {
  chats: [{ turns: [] }],
  current: 0,
  where: { ...EMPTY },
  backend: "",
  strict: false,
};

export const turns = () => store.chats[store.current].turns;

export function restore() {
  try {
    Object.assign(store, JSON.parse(sessionStorage.getItem(KEY) ?? "{}"));
  } catch {
    sessionStorage.removeItem(KEY);
  }
}

// When the browser has no room for all chats, the oldest give way.
export function keep() {
  for (;;) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(store));
      return;
    } catch {
      if (store.chats.length > 1) forget(store.current === 0 ? store.chats.length - 1 : 0);
      else if (turns().length > 1) turns().shift();
      else return;
    }
  }
}

function forget(place) {
  store.chats.splice(place, 1);
  if (place < store.current) store.current -= 1;
}

export function newChat() {
  store.chats = store.chats.filter((chat) => chat.turns.length);
  store.chats.push({ turns: [] });
  store.current = store.chats.length - 1;
  keep();
}

export function openChat(place) {
  store.current = place;
  keep();
}

export function clearChats() {
  store.chats = [];
  newChat();
}

export function clearFilters() {
  store.where = { ...EMPTY };
  keep();
}

export const filtersInForce = ({ docs, folders, langs, since, until } = store.where) =>
  docs.length + folders.length + langs.length + (since ? 1 : 0) + (until ? 1 : 0);
