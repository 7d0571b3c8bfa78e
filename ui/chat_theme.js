// Light, dark, or as the system: Gradio's colours follow the class "dark" of the body.

const KEY = "citewise.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const themes = ["system", "light", "dark"];
export const theme = () => localStorage.getItem(KEY) ?? "system";

export function setTheme(chosen) {
  localStorage.setItem(KEY, chosen);
  applyTheme();
}

export function applyTheme() {
  const isDark = theme() === "dark" || (theme() === "system" && system.matches);
  if (document.body.classList.contains("dark") !== isDark) document.body.classList.toggle("dark", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

// Gradio sets the class too, when it starts and when the system changes.
export function followTheme() {
  applyTheme();
  system.addEventListener("change", applyTheme);
  new MutationObserver(applyTheme).observe(document.body, { attributeFilter: ["class"] });
}
