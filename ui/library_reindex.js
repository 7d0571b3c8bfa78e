// Indexes all folders again, where the service may: a button, how far that is, and how it ended.

import { reindex, reindexed } from "../chat/chat_api.js";
import { el } from "../chat/chat_dom.js";
import { has, number, t } from "../chat/chat_words.js";

const LOOK_MS = 500;
const GOING = ["reading", "embedding"];

// `ended()` is told of a run that has come to its end, whoever began it.
export function createReindex(ended) {
  let isGoing = false;
  const button = el("button", { type: "button", class: "plain", hidden: true, onclick: start }, t("reindex"));
  const bar = el("progress", { max: 1, hidden: true, "aria-label": t("reindex") });
  const status = el("p", { class: "meta", role: "status" });

  async function start() {
    if (isGoing) return;
    try {
      await follow(await reindex());
    } catch (error) {
      const key = `reindex_${error.code}`;
      status.textContent = t(has(key) ? key : "reindex_failed");
    }
  }

  async function follow(run) {
    isGoing = true;
    while (GOING.includes(run.stage)) {
      show(run);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      run = await reindexed().catch(() => run);
    }
    isGoing = false;
    show(run);
    ended();
  }

  function show(run) {
    // Focus stays on a button that only says that it does nothing now.
    button.ariaDisabled = String(isGoing);
    bar.hidden = !isGoing;
    if (run.total) bar.value = run.done / run.total;
    else bar.removeAttribute("value");
    status.textContent = isGoing ? t(`upload_${run.stage}`) : result(run);
  }

  async function allow() {
    button.hidden = false;
    const run = await reindexed().catch(() => null);
    if (run && GOING.includes(run.stage)) await follow(run);
  }

  return { button, progress: el("div", { class: "reindex" }, status, bar), allow };
}

function result({ stage, added, changed, removed, withheld }) {
  if (stage !== "done") return t("reindex_failed");
  const done = t("reindex_done", { added: number(added), changed: number(changed), removed: number(removed) });
  return withheld ? `${done} ${t("reindex_withheld", { n: number(withheld) })}` : done;
}
