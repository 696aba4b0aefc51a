// The room on show: its head, and the order in which its parts are drawn.
import { $, attribute, mayAct, swapIcon, text } from "./dom.js";
import { peopleIn, sites, state } from "./store.js";
import { t, when } from "./text.js";
import * as acts from "./acts.js";
import { changeRoom } from "./room-settings.js";
import * as calls from "./calls.js";
import * as direction from "./direction.js";
import * as layouts from "./layouts.js";
import * as roster from "./roster.js";
import * as still from "./still.js";

let shown = "";

export function start() {
  $("lock").addEventListener("click", () => acts.lock(state.open, !state.rooms.get(state.open).locked));
  $("edit").addEventListener("click", () => changeRoom(state.rooms.get(state.open)));
  $("delete").addEventListener("click", () => acts.removeRoom(state.open));
  $("mute-all").addEventListener("click", () => acts.muteAll(state.open, true));
  $("unmute-all").addEventListener("click", () => acts.muteAll(state.open, false));
  for (const button of document.querySelectorAll("[data-acts]")) button.disabled = !mayAct;
  calls.start();
  direction.start();
  roster.start();
  layouts.start();
  still.start();
}

export function draw(changes) {
  const room = state.rooms.get(state.open);
  $("room-view").hidden = !room;
  $("room-none").hidden = Boolean(room);
  if (!room) {
    shown = "";
    return drawNone();
  }
  if (shown !== room.number) {
    shown = room.number;
    roster.reset();
    still.reset();
    changes = { all: true };
  }
  if (changes.all || changes.rooms || changes.set) drawHead(room);
  if (changes.all || changes.rooms) layouts.draw();
  if (changes.all || changes.calls) calls.draw();
  if (changes.all || changes.direction || changes.set || changes.people.size) direction.draw();
  if (changes.all || changes.set || changes.direction) roster.drawAll();
  else if (changes.people.size) roster.drawSome(changes.people);
}

function drawNone() {
  const none = $("room-none");
  const [title, hint] = !state.loaded
    ? [t("Loading…"), ""]
    : state.open
      ? [t("Room {number} does not exist", { number: state.open }), t("It may have been deleted. Choose another room at the side.")]
      : [t("There is no meeting room yet"), t("Make one with “New room”, then sites can call its number.")];
  text(none.querySelector("h1"), title);
  text(none.querySelector("p"), hint);
  document.title = `${t("Meeting control panel")} · MCU`;
}

function admission({ guests, asks_pin: asksPin }) {
  if (!guests) return t("Registered terminals only");
  return asksPin ? t("Guests need the PIN") : t("Open to guests");
}

function drawHead(room) {
  document.title = `${room.name} (${room.number}) · MCU`;
  text($("room-name"), room.name);
  text($("room-number"), room.number);
  const count = sites(peopleIn(room.number)).length;
  text($("room-count"), t("Sites in the room: {n}", { n: count }));
  const since = count ? when(room.since) : "";
  $("room-since-fact").hidden = !since;
  text($("room-since"), t("Meeting since {time}", { time: since }));
  text($("room-guests").lastElementChild, admission(room));
  const lock = $("lock");
  attribute(lock, "aria-pressed", String(room.locked));
  swapIcon(lock, room.locked ? "lock" : "unlock");
  text(lock.lastElementChild, room.locked ? t("Locked – unlock") : t("Lock the room"));
}
