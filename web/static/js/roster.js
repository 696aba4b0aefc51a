// Who is in the room: one row a participant, made once and then only changed where it differs.
import { $, attribute, mayAct, swapIcon, text } from "./dom.js";
import { peopleIn, sites, state } from "./store.js";
import { compareNames, moment, plain, t, when } from "./text.js";
import * as acts from "./acts.js";
import * as details from "./details.js";

const rows = new Map(); // participant id → <li>
const pictures = {
  live: () => t("picture"),
  waiting: () => t("picture to come"),
  stalled: () => t("picture frozen"),
  none: () => t("no picture"),
};
const kinds = {
  terminal: () => t("registered"),
  known: () => t("known address"),
  named: () => t("known number"),
  guest: () => t("guest"),
  browser: () => t("browser"),
  dialled: () => t("called from here"),
  presentation: () => t("presentation"),
};
const filters = {
  all: () => true,
  talking: (person) => person.talking && !person.muted,
  muted: (person) => person.muted,
  dark: (person) => person.picture !== "live",
};
let filter = "all";
let wanted = "";

export function start() {
  $("roster").addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const person = button && state.people.get(button.closest(".row").dataset.id);
    if (!person) return;
    if (button.dataset.act === "details") {
      details.toggle(button.closest(".row"), person);
      for (const [id, row] of rows) attribute(row.querySelector(".more"), "aria-expanded", String(details.isOpen(id)));
    } else if (button.dataset.act === "mute") acts.mute(person, !person.muted);
    else acts.kick(person);
  });
  $("filters").addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
    if (!button) return;
    filter = button.dataset.filter;
    drawAll();
  });
  $("search").addEventListener("input", (event) => {
    wanted = plain(event.target.value.trim());
    drawAll();
  });
  $("sort").addEventListener("change", drawAll);
}

/** Another room is on show. */
export function reset() {
  details.close();
  rows.clear();
  $("roster").replaceChildren();
  $("search").value = wanted = "";
  filter = "all";
}

export function drawAll() {
  const people = peopleIn(state.open);
  const list = $("roster");
  const present = new Set(people.map((person) => person.id));
  for (const [id, row] of rows) {
    if (!present.has(id)) {
      if (details.isOpen(id)) details.close();
      row.remove();
      rows.delete(id);
    }
  }
  const byName = $("sort").value === "name";
  people.sort((a, b) => (byName ? 0 : (moment(a.joined_at) ?? 0) - (moment(b.joined_at) ?? 0)) || compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1));
  let next = list.firstChild;
  for (const person of people) {
    const row = rows.get(person.id) ?? make(person.id);
    fill(row, person);
    if (row === next) next = next.nextSibling;
    else list.insertBefore(row, next);
  }
  drawCounts(people);
}

/** Only these have changed; nobody came or went. */
export function drawSome(ids) {
  let reorder = false;
  for (const id of ids) {
    const person = state.people.get(id);
    const row = rows.get(id);
    if (!person || !row || person.room !== state.open) continue;
    reorder ||= row.querySelector(".name strong").textContent !== person.name;
    fill(row, person);
  }
  if (reorder) drawAll();
  else drawCounts(peopleIn(state.open));
}

function drawCounts(people) {
  for (const button of $("filters").children) {
    const name = button.dataset.filter;
    text(button.querySelector("b"), String(sites(people).filter(filters[name]).length));
    attribute(button, "aria-pressed", String(name === filter));
  }
  const shown = people.some(matches);
  const none = $("roster-none");
  none.hidden = shown;
  if (!shown) {
    text(none.querySelector("p"), people.length
      ? t("No site fits what you are looking for.")
      : t("Nobody is here yet. From a terminal, call {number} to come in.", { number: state.open }));
  }
  $("mute-all").disabled = !mayAct || !sites(people).some((person) => !person.muted);
  $("unmute-all").disabled = !mayAct || !sites(people).some((person) => person.muted);
}

function matches(person) {
  return filters[filter](person) && (!wanted || plain(`${person.name} ${person.number}`).includes(wanted));
}

function make(id) {
  const row = $("row").content.firstElementChild.cloneNode(true);
  row.dataset.id = id;
  attribute(row.querySelector(".more"), "aria-controls", `details-${id}`);
  for (const button of row.querySelectorAll("[data-acts]")) button.disabled = !mayAct;
  rows.set(id, row);
  return row;
}

function fill(row, person) {
  const [face, name, mic, kick, more] = row.children;
  const [strong, about] = name.children;
  const picture = about.querySelector(".picture");
  row.hidden = !matches(person);
  row.classList.toggle("is-talking", person.talking && !person.muted);
  row.classList.toggle("is-muted", person.muted && !person.presents);
  const direction = state.directions.get(person.room);
  row.classList.toggle("is-focus", Boolean(direction?.focus) && direction.focus === person.id);
  attribute(row, "data-chair", String(direction?.chair === person.id));
  attribute(row, "data-hand", String(Boolean(person.hand)));
  mic.hidden = Boolean(person.presents);
  text(face.firstElementChild, initials(person.name));
  text(strong, person.name);
  attribute(strong, "title", person.name);
  text(about.lastElementChild, [person.number, kindOf(person), joined(person), person.h323 ? "H.323" : ""].filter(Boolean).join(" · "));
  const shown = pictures[person.picture] ? person.picture : "none";
  attribute(picture, "data-picture", shown);
  swapIcon(picture, shown === "none" ? "camera-off" : "camera");
  text(picture.lastElementChild, pictures[shown]());
  // The button tells what it does; how things are is told beside the name.
  const label = person.muted ? t("Unmute") : t("Mute");
  swapIcon(mic, person.muted ? "mic" : "mic-off");
  text(mic.lastElementChild, label);
  attribute(mic, "aria-label", `${label}: ${person.name}`);
  attribute(kick, "aria-label", `${t("Remove")}: ${person.name}`);
  attribute(more, "aria-label", t("Details of {name}", person));
  details.update(person);
}

function kindOf(person) {
  return kinds[person.kind]?.() ?? "";
}

function joined(person) {
  const time = when(person.joined_at);
  return time && t("since {time}", { time });
}

/** The last two words' first letters, as Vietnamese names are told apart by their end: "UBND xã Tân Lập" → "TL". */
function initials(name) {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(-2).map((word) => [...word][0]).join("").toUpperCase() || "?";
}
