// A chat as text for elsewhere: the clipboard, Markdown, JSON. A remark stands behind what was not verified.

import { flagOf, unverifiedReason } from "./chat_answer.js";
import { el } from "./chat_dom.js";
import { titleOf } from "./chat_store.js";

// The answer with each marker explained below it.
export function withSources({ question, answer }) {
  return [question, marked(answer), sourcesOf(answer).map(([head, quote]) => `${head}\n    ${quote}`).join("\n")]
    .filter(Boolean)
    .join("\n\n");
}

export const sourcesOf = ({ citations }) =>
  citations.map(({ marker, title, date, doc_id: docId, place, quote }) => [
    `[${marker}] ${[title, date, docId, place].filter(Boolean).join(", ")}`,
    `“${quote.replace(/\s+/g, " ")}”`,
  ]);

export function markdown(chat) {
  const turns = chat.turns.flatMap(({ question, answer, partial }) => [
    `## ${oneLine(question)}`,
    inert(answer ? marked(answer) : partial),
    ...(answer ? sourcesOf(answer) : []).map(([head, quote]) => `${inert(head)}\n\n> ${inert(quote)}`),
  ]);
  return `${[`# ${oneLine(titleOf(chat))}`, ...turns].filter(Boolean).join("\n\n")}\n`;
}

export const json = ({ name, turns }) =>
  JSON.stringify({ name, turns: turns.map(({ question, answer, partial, rating }) => ({ question, answer, partial, rating })) }, null, 2);

// What a viewer of Markdown would load, or take for HTML, is text here as well.
const inert = (text) => text.replace(/!\[/g, "!\\[").replace(/</g, "\\<");
const oneLine = (text) => inert(text.replace(/\s+/g, " ").trim());

// The text with a remark behind each sentence that no source supports, as `rag ask` prints it.
function marked({ text, claims }) {
  let [done, cursor] = ["", 0];
  for (const claim of claims) {
    const at = text.indexOf(claim.text, cursor);
    if (at < 0) continue;
    done += text.slice(cursor, at + claim.text.length);
    if (claim.status !== "verified") done += ` (⚠ ${flagOf(claim)}: ${unverifiedReason(claim)})`;
    cursor = at + claim.text.length;
  }
  return done + text.slice(cursor);
}

export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Browsers lend the clipboard to https and to this machine only; elsewhere a selection does it.
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
