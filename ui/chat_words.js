// The interface in the reader's language: texts of the service, dates and names of the browser.

const KEY = "citewise.language";
let words = { lang: "en", languages: {}, texts: {} };

export async function speak(lang = localStorage.getItem(KEY) ?? "") {
  const response = await fetch(`chat/words?lang=${encodeURIComponent(lang)}`);
  if (!response.ok) throw new Error(`words: ${response.status}`);
  words = await response.json();
  document.documentElement.lang = words.lang;
}

export async function switchTo(lang) {
  localStorage.setItem(KEY, lang);
  await speak(lang);
}

export const spoken = () => words.lang;
export const languages = () => words.languages;

// The text of a key; {fields} are filled in.
export function t(key, fields = {}) {
  const text = words.texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
}

export const has = (key) => key in words.texts;

// For a code of the service: its own text, or the usual one if this page does not know it.
export const either = (key, usual, fields) => t(has(key) ? key : usual, fields);

export function languageName(tag) {
  if (!tag || tag === "und") return "";
  try {
    return new Intl.DisplayNames([words.lang], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

// A day, in words. Days have no time zone: read as UTC and written as UTC.
export function day(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  if (Number.isNaN(date.valueOf())) return iso;
  return new Intl.DateTimeFormat(words.lang, { dateStyle: "long", timeZone: "UTC" }).format(date);
}

export function moment(iso) {
  return new Intl.DateTimeFormat(words.lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export const megabytes = (bytes) =>
  new Intl.NumberFormat(words.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 0 }).format(bytes / 1e6);

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(words.lang, { maximumFractionDigits: digits }).format(value);
