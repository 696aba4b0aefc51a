// Texts in the page's language. English is written in the code; the page carries the translations.
const texts = JSON.parse(document.getElementById("texts").textContent);
export const language = document.documentElement.lang;
const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });

/** The translation of `text`; `{name}` in it becomes `values.name`. Never HTML: put it into textContent. */
export function t(text, values = {}) {
  return (texts[text] ?? text).replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export const compareNames = (a, b) => collator.compare(a, b);

/** A moment from the server: seconds since the epoch, or ISO 8601. */
export function moment(value) {
  if (value === null || value === undefined || value === "") return null;
  const date = new Date(typeof value === "number" ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function clock(date, seconds = false) {
  return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hour12: false });
}

/** The clock, with the day before it when that is not today. */
export function when(value) {
  const date = moment(value);
  if (!date) return "";
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(date) : `${date.toLocaleDateString(language, { day: "2-digit", month: "2-digit" })} ${clock(date)}`;
}

/** For searching: lower case, without tone marks, so that "ha giang" finds "Hà Giang". */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}
