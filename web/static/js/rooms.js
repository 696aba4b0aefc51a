// The list of rooms at the side.
import { $, attribute, el, icon, text } from "./dom.js";
import { sites, state } from "./store.js";
import { compareNames, t } from "./text.js";

const rows = new Map();

export function draw() {
  const counts = new Map();
  const talking = new Set();
  for (const person of sites([...state.people.values()])) {
    counts.set(person.room, (counts.get(person.room) ?? 0) + 1);
    if (person.talking && !person.muted) talking.add(person.room);
  }
  for (const [number, row] of rows) {
    if (!state.rooms.has(number)) {
      row.remove();
      rows.delete(number);
    }
  }
  const list = $("room-list");
  const order = [...state.rooms.values()].sort((a, b) => compareNames(a.number, b.number));
  order.forEach((room, place) => {
    const row = rows.get(room.number) ?? make(room.number);
    fill(row, room, counts.get(room.number) ?? 0, talking.has(room.number));
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
}

function make(number) {
  const row = el("li", {}, el("a", { class: "room-link", href: `/rooms/${number}`, "data-room": number },
    el("span", { class: "room-link-name" }),
    el("span", { class: "room-link-number" }, number),
    el("span", { class: "room-link-lock" }, icon("lock")),
    el("span", { class: "room-link-count" }, icon("people"), el("b"))));
  rows.set(number, row);
  return row;
}

function fill(row, room, count, talking) {
  const link = row.firstChild;
  text(link.querySelector(".room-link-name"), room.name);
  text(link.querySelector("b"), String(count));
  link.querySelector(".room-link-lock").hidden = !room.locked;
  link.classList.toggle("is-busy", count > 0);
  link.classList.toggle("is-talking", talking);
  if (room.number === state.open) attribute(link, "aria-current", "page");
  else link.removeAttribute("aria-current");
  const spoken = t("Room {number}, {name}, sites: {n}", { ...room, n: count });
  attribute(link, "aria-label", [spoken, ...(room.locked ? [t("locked")] : [])].join(", "));
}
