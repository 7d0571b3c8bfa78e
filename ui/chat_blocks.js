// Draws what a model wrote in Markdown from blocks that the service made of it: elements of our own, text as text.

import { el, foreign } from "./chat_dom.js";

const TAGS = { quote: "blockquote", list: "ul", ordered: "ol", item: "li", row: "tr" };

// `draw`: claim(place, children, isLast) and marker(number) give what stands for them.
export function drawBlocks(blocks, lang, draw) {
  const last = new Map();
  for (const run of runsOf(blocks)) if (run.claim >= 0) last.set(run.claim, run);
  return blocks.map((block) => drawBlock(block, lang, { ...draw, isLast: (run) => last.get(run.claim) === run }));
}

function* runsOf(blocks) {
  for (const block of blocks) {
    yield* block.runs;
    yield* runsOf(block.blocks);
  }
}

function drawBlock(block, lang, draw) {
  const inner = () => block.blocks.map((each) => drawBlock(each, lang, draw));
  if (block.kind === "table") return el("div", { class: "scroll" }, el("table", {}, ...rows(block, draw)));
  if (block.kind === "code") return el("pre", {}, ...words(block.runs, draw));
  if (block.kind in TAGS) return el(TAGS[block.kind], {}, ...inner());
  return fill(foreign("p", "", lang, block.kind === "heading" ? { class: "heading" } : {}), words(block.runs, draw));
}

function rows(table, draw) {
  return table.blocks.map((row, place) =>
    el("tr", {}, ...row.blocks.map((cell) => el(place ? "td" : "th", { dir: "auto" }, ...words(cell.runs, draw)))),
  );
}

// Runs of one claim stand together, whatever their form.
function words(runs, draw) {
  const parts = [];
  for (let place = 0; place < runs.length; place += 1) {
    const { claim, marker } = runs[place];
    if (marker) parts.push(draw.marker(marker), " ");
    else if (claim < 0) parts.push(formed(runs[place]));
    else {
      const first = place;
      while (runs[place + 1] && !runs[place + 1].marker && runs[place + 1].claim === claim) place += 1;
      parts.push(...draw.claim(claim, runs.slice(first, place + 1).map(formed), draw.isLast(runs[place])));
    }
  }
  return parts;
}

function formed({ text, bold, italic, code }) {
  let node = code ? el("code", {}, text) : text;
  if (italic) node = el("em", {}, node);
  if (bold) node = el("strong", {}, node);
  return node;
}

function fill(element, children) {
  element.append(...children);
  return element;
}
