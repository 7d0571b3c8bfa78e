"""The style and the script of the HTML report, inline so that the page needs no network."""

__all__ = ["SCRIPT", "STYLE"]

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d9dee3;--ground:#fff;--panel:#f6f8fa;
--good:#1a7f4b;--bad:#c0392b;--blue:#2563a8;--mark:#fff1a8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#9aa5b1;--line:#343b43;--ground:#14181c;
--panel:#1d2328;--good:#4cc38a;--bad:#ff7b6b;--blue:#6cb2ff;--mark:#5c4d00}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:76rem;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,"Noto Sans","Noto Sans CJK KR",sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
.verdict{font-weight:600;font-size:1.1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .5rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:middle}
th{color:var(--soft);font-weight:500;font-size:.85rem}td.n,th.n{text-align:right}
.scroll{overflow-x:auto}.cell{text-align:right;white-space:nowrap}
svg{display:block;max-width:100%}svg text{fill:var(--soft);font-size:11px}
.axis{stroke:var(--line)}.band{fill:var(--blue);opacity:.25}.dot{fill:var(--blue)}
.least{stroke:var(--bad);stroke-width:2}.line{fill:none;stroke-width:2}
.controls{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0;align-items:center}
input,select,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);
border-radius:.3rem;padding:.25rem .5rem}button{cursor:pointer}
#search{flex:1 1 14rem}
.pair{border:1px solid var(--line);border-radius:.4rem;margin:.35rem 0;background:var(--panel)}
.pair>summary{display:grid;grid-template-columns:4.5rem 11rem 3rem 7.5rem 1fr 3.5rem;gap:.5rem;
padding:.4rem .6rem;cursor:pointer;align-items:baseline}
.pair>summary::-webkit-details-marker{display:none}.pair>summary{list-style:none}
.pair>div{padding:.25rem .9rem .9rem;border-top:1px solid var(--line);background:var(--ground)}
.answer{white-space:pre-wrap;border-inline-start:3px solid var(--blue);padding-inline-start:.75rem}
blockquote{margin:.35rem 0;padding:.35rem .75rem;background:var(--panel);border-radius:.3rem}
mark{background:var(--mark);color:inherit}h3{font-size:.85rem;margin:.9rem 0 .2rem;color:var(--soft)}
ul,ol{margin:.2rem 0;padding-inline-start:1.4rem}code{font-size:.85em;overflow-wrap:anywhere}
a{color:var(--blue)}@media(max-width:50rem){.pair>summary{grid-template-columns:4rem 1fr 3rem}
.pair>summary .wide{display:none}.pair>summary .question{grid-column:1/-1}}
"""

SCRIPT = """
"use strict";
const list = document.getElementById("pairs");
const pairs = [...list.children];
const field = id => document.getElementById(id);
const shown = field("shown");
function filter() {
  const words = field("search").value.normalize("NFC").toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const pair of pairs) {
    const text = pair.textContent.normalize("NFC").toLowerCase();
    const fits = words.every(word => text.includes(word)) &&
      ["status", "lang", "type"].every(name => ["", pair.dataset[name]].includes(field(name).value));
    pair.hidden = !fits;
    count += fits;
  }
  shown.textContent = `${count} of ${pairs.length}`;
}
function sort() {
  const [name, down] = field("order").value.split(" ");
  const value = pair => name === "evidence" ? Number(pair.dataset.evidence) : pair.dataset[name];
  const sorted = [...pairs].sort((a, b) => value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0);
  list.append(...(down ? sorted.reverse() : sorted));
}
for (const name of ["search", "status", "lang", "type"]) field(name).addEventListener("input", filter);
field("order").addEventListener("input", sort);
field("unfold").addEventListener("click", () => {
  const open = pairs.some(pair => !pair.hidden && !pair.open);
  for (const pair of pairs) if (!pair.hidden) pair.open = open;
});
filter();
"""
