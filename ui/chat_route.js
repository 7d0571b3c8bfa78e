// Addresses: `c/ID` is a chat, `#a3` its third answer, `#a3-2` that answer with its second source, `?q=` asks.

const root = new URL(document.baseURI);

export function place() {
  const [, id = ""] = /^c\/(\w+)$/.exec(location.pathname.slice(root.pathname.length)) ?? [];
  const [, answer = 0, marker = 0] = /^#a(\d+)(?:-(\d+))?$/.exec(location.hash) ?? [];
  const question = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  return { id, answer: Number(answer), marker: Number(marker), question };
}

export function address({ id = "", answer = 0, marker = 0 }) {
  const at = answer ? `#a${answer}${marker ? `-${marker}` : ""}` : "";
  return new URL((id ? `c/${id}` : "") + at, root).href;
}

// Goes there as a step that Back undoes.
export function go(to) {
  if (address(to) !== location.href) history.pushState({ isStep: true }, "", address(to));
}

export const correct = (to) => history.replaceState(history.state, "", address(to));

// Whether Back leads to where this page came from.
export const isStep = () => Boolean(history.state?.isStep);
