// The page that asks for the token. It stands under the address that was asked for.

const form = document.querySelector("form");
const field = document.querySelector("#token");
const told = document.querySelector("[role=alert]");
const LOOKED = "citewise.looked";
const SOON_MS = 10_000;

// With what stands behind "#", which a new address would not load.
const open = () => location.reload();

// A link of another site comes without the cookie (SameSite=Strict); what this page asks for comes with it.
async function look() {
  if (Date.now() - Number(sessionStorage.getItem(LOOKED)) < SOON_MS) return;
  sessionStorage.setItem(LOOKED, String(Date.now()));
  const response = await fetch(form.dataset.at).catch(() => null);
  if (response?.ok) open();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  told.textContent = "";
  const response = await fetch(form.dataset.at, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: field.value }),
  }).catch(() => null);
  if (response?.ok) return open();
  told.textContent = form.dataset[{ 401: "wrong", 429: "often" }[response?.status] ?? "failed"];
  field.focus();
});

look();
