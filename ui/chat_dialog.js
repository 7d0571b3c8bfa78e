// Questions to the person: a window that says what will happen, and perhaps a field.

import { el } from "./chat_dom.js";
import { t } from "./chat_words.js";

// Resolves to the text of the field ("" without one) when it is agreed to, else to null.
export function confirm(text, yes, field = null) {
  const input = field === null ? null : el("input", { type: "text", value: field, maxlength: 200, dir: "auto", "aria-label": text });
  const cancel = el("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("cancel"));
  const agree = el("button", { type: "submit", class: "plain yes" }, yes);
  const form = el("form", { onsubmit }, el("p", { id: "dialog-text" }, text), input, el("div", { class: "tools" }, cancel, agree));
  const dialog = el("dialog", { "aria-labelledby": "dialog-text" }, form);
  let agreed = null;

  function onsubmit(event) {
    event.preventDefault();
    agreed = input?.value.trim() ?? "";
    dialog.close();
  }

  document.querySelector("#citewise").append(dialog);
  dialog.showModal();
  input?.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => (dialog.remove(), resolve(agreed)));
  });
}
