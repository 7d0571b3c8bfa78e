// Light, dark, or as the system: the colours of the page follow its colour scheme.

const KEY = "citewise.theme";

export const themes = ["system", "light", "dark"];
export const theme = () => localStorage.getItem(KEY) ?? "system";

export function setTheme(chosen) {
  localStorage.setItem(KEY, chosen);
  applyTheme();
}

export function applyTheme() {
  document.documentElement.style.colorScheme = theme() === "system" ? "light dark" : theme();
}
