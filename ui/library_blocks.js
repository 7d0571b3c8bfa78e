// Draws blocks of a document with elements of our own: text as text, whatever it holds.

import { el, foreign } from "../chat/chat_dom.js";

const TAGS = { list: "ul", ordered: "ol", quote: "blockquote" };

// The title stands above the text: a first heading that repeats it is left out.
export function drawParts(blocks, lang, title) {
  const first = blocks.find(({ kind }) => kind === "heading");
  const repeated = first && words(first.runs) === title ? first : null;
  return blocks.filter((block) => block !== repeated).map((block) => draw(block, lang));
}

function draw(block, lang) {
  const { kind, runs, blocks, level } = block;
  if (kind === "heading") return foreign(`h${Math.min(level + 2, 6)}`, formed(runs), lang);
  if (kind === "code") return el("pre", { tabindex: 0, dir: "ltr" }, el("code", {}, words(runs)));
  if (kind === "table") return el("div", { class: "scroll", tabindex: 0 }, el("table", {}, ...rows(blocks, lang)));
  if (kind === "item") return foreign("li", blocks.flatMap((each) => formed(each.runs)), lang);
  if (kind in TAGS) return el(TAGS[kind], {}, ...blocks.map((each) => draw(each, lang)));
  return foreign("p", formed(runs), lang);
}

function rows(table, lang) {
  return table.map(({ blocks: cells }) => {
    const scope = cells.every((cell) => cell.kind === "head") ? "col" : "row";
    return el("tr", {}, ...cells.map((cell) => (cell.kind === "head" ? foreign("th", formed(cell.runs), lang, { scope }) : foreign("td", formed(cell.runs), lang))));
  });
}

const words = (runs) => runs.map(({ text }) => text).join("");
const formed = (runs) => runs.map(({ text, bold }) => (bold ? el("strong", {}, text) : text));
