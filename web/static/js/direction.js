// How the meeting is run: what all see and hear now, the roll call, raised hands, the lobby, and the acts for the whole room.
import { call } from "./api.js";
import { $, attribute, el, icon, mayAct, text } from "./dom.js";
import { setDirection, state } from "./store.js";
import { t, when } from "./text.js";
import { confirm } from "./confirm.js";
import { carryOut, undo } from "./conduct.js";
import { toast } from "./toast.js";
import * as banner from "./banner.js";

const modes = {
  free: () => t("Free talk: everybody is seen and may speak"),
  broadcast: () => t("All see {name}"),
  floor: () => t("{name} has the floor"),
  lecture: () => t("{name} gives a lecture"),
  roll_call: () => t("Roll call: {name}"),
  voice: () => t("The picture follows who speaks"),
};
const actNames = {
  broadcast: () => t("broadcast"), floor: () => t("floor"), floor_next: () => t("floor"), lecture: () => t("lecture"), voice: () => t("voice activated"),
  free_talk: () => t("free talk"), roll_call: () => t("roll call"), roll_call_next: () => t("roll call"), roll_call_to: () => t("roll call"), roll_call_mark: () => t("roll call"), roll_call_end: () => t("roll call"),
  view: () => t("view"), browse: () => t("browse"), stop_browse: () => t("browse"), panes: () => t("layout"), layout: () => t("layout"),
  mute: () => t("microphone"), mute_all: () => t("microphone"), mute_joiners: () => t("microphone"), deafen: () => t("loudspeaker"), gain: () => t("loudness"),
  lock: () => t("lock"), lock_presentation: () => t("lock"), banner: () => t("banner"), chair: () => t("chair"), rename: () => t("name"), hand: () => t("hands"), hands_down: () => t("hands"), help: () => t("help"),
};
let asked = ""; // the room whose direction is being read

export function start() {
  const room = () => state.open;
  const on = (id, work) => $(id).addEventListener("click", work);
  on("free-talk", () => carryOut(room(), { act: "free_talk" }, t("Free talk: microphones are as they were before")));
  on("undo-act", () => undo(room(), state.directions.get(room())?.undo_step));
  on("roll-start", () => carryOut(room(), { act: "roll_call" }, t("The roll call has begun")));
  on("roll-present", () => carryOut(room(), { act: "roll_call_next", mark: "present" }));
  on("roll-absent", () => carryOut(room(), { act: "roll_call_next", mark: "absent" }));
  on("roll-skip", () => carryOut(room(), { act: "roll_call_next" }));
  on("roll-end", () => carryOut(room(), { act: "roll_call_end" }, t("The roll call has ended")));
  on("voice", () => carryOut(room(), { act: "voice" }, t("The picture follows who speaks")));
  on("mute-joiners", () => {
    const to = !state.directions.get(room())?.mute_joiners;
    return carryOut(room(), { act: "mute_joiners", on: to }, to ? t("Who comes in now has the microphone off") : t("Who comes in now has the microphone on"));
  });
  on("floor-next", () => carryOut(room(), { act: "floor_next" }));
  on("hands-down", () => carryOut(room(), { act: "hands_down" }, t("All hands are down")));
  on("admit-all", () => carryOut(room(), { act: "admit", all: true }, t("All who waited have been let in")));
  on("extend", () => carryOut(room(), { act: "extend", minutes: 15 }, t("The meeting has 15 minutes more")));
  on("show-banner", () => banner.ask(room()));
  on("end-meeting", end);
  on("call-all", callAbsent);
  on("roll-list", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (entry) carryOut(room(), { act: "roll_call_to", entry: Number(entry.dataset.entry) });
  });
  on("hands", (event) => {
    const button = event.target.closest("[data-hand-act]");
    const participant = button?.closest("li").dataset.id;
    if (button?.dataset.handAct === "floor") carryOut(room(), { act: "floor", participant });
    else if (button) carryOut(room(), { act: "hand", participant, on: false });
  });
  on("lobby-list", (event) => {
    const button = event.target.closest("[data-lobby-act]");
    if (button) carryOut(room(), { act: button.dataset.lobbyAct, participant: button.closest("li").dataset.id });
  });
}

async function end() {
  const number = state.open;
  const sure = await confirm({
    title: t("End the meeting in room {number}?", { number }),
    text: t("All sites are disconnected. This cannot be undone."),
    yes: t("End the meeting"),
  });
  if (sure) await carryOut(number, { act: "end" }, t("The meeting has ended"));
}

/** The open room's direction, once; after that it comes with the events. */
async function read(number) {
  if (asked === number) return;
  asked = number;
  const before = state.directions.get(number);
  try {
    const told = await call("GET", `/rooms/${number}/direction`);
    asked = "";
    if (state.directions.get(number) === before) setDirection(told);
  } catch {
    setTimeout(() => {
      asked = "";
      if (state.rooms.has(state.open)) draw();
    }, 2000);
  }
}

async function callAbsent() {
  try {
    const { calls, skipped } = await call("POST", `/rooms/${state.open}/calls/all`, { who: "absent" });
    toast(t("Called: {n}. Left out: {m}.", { n: calls.length, m: skipped.length }), { kind: calls.length ? "good" : "warn" });
  } catch (fault) {
    toast(fault.message, { kind: "bad" });
  }
}

export function draw() {
  const direction = state.directions.get(state.open);
  $("conduct").classList.toggle("is-unread", !direction); // what stands there is another room's
  if (!direction) return void read(state.open);
  const focused = nameOf(direction, direction.focus) || called(direction)?.name || "";
  const mode = modes[direction.mode] ?? modes.free;
  const bar = $("conduct");
  attribute(bar, "data-mode", direction.mode);
  text($("mode-text"), mode().replace("{name}", focused || t("a site that is not there")));
  text($("chair-text"), direction.chair ? t("Chair: {name}", { name: nameOf(direction, direction.chair) }) : "");
  $("free-talk").disabled = !mayAct || direction.mode === "free";
  $("undo-act").hidden = !direction.undo;
  text($("undo-act").lastElementChild, t("Undo: {act}", { act: actNames[direction.undo]?.() ?? direction.undo }));
  attribute($("voice"), "aria-pressed", String(direction.mode === "voice"));
  attribute($("mute-joiners"), "aria-pressed", String(Boolean(direction.mute_joiners)));
  attribute($("show-banner"), "aria-pressed", String(Boolean(direction.banner)));
  $("roll-start").hidden = direction.mode === "roll_call";
  const ends = direction.ends_at;
  $("extend").hidden = !ends;
  text($("ends-text"), ends ? t("Ends at {time}", { time: when(ends) }) : "");
  drawRoll(direction);
  drawHands(direction);
  drawLobby(direction);
}

const called = ({ roll_call: roll }) => roll?.entries[roll.at];

function nameOf(direction, id) {
  if (!id) return "";
  return state.people.get(id)?.name ?? direction.roll_call?.entries.find((entry) => entry.participant === id)?.name ?? "";
}

function drawRoll(direction) {
  const roll = direction.roll_call;
  const shown = Boolean(roll) && direction.mode === "roll_call";
  $("roll").hidden = !shown;
  if (!shown) return;
  const count = (mark) => roll.entries.filter((entry) => entry.mark === mark).length;
  text($("roll-count"), t("{present} present, {absent} absent, {left} left", { present: count("present"), absent: count("absent"), left: count("") }));
  const words = { present: t("present"), absent: t("absent"), "": "" };
  fill($("roll-list"), roll.entries, (entry, n) => {
    const button = el("button", { type: "button", class: "roll-entry", "data-entry": n, "data-mark": entry.mark },
      el("span", {}, entry.name), el("small", {}, entry.participant ? words[entry.mark] : words[entry.mark] || t("not here")));
    if (n === roll.at) button.setAttribute("aria-current", "true");
    button.disabled = !mayAct;
    return el("li", {}, button);
  });
  $("roll-list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function drawHands(direction) {
  $("hands").hidden = !direction.hands.length && !direction.help.length;
  $("hands-acts").hidden = !direction.hands.length;
  const rows = [...direction.help.map((one) => ["help", one]), ...direction.hands.map((one) => ["hand", one])];
  fill($("hands-list"), rows, ([kind, one]) => {
    const name = nameOf(direction, one.participant) || one.participant;
    const row = el("li", { "data-id": one.participant, "data-kind": kind }, icon(kind === "help" ? "help" : "hand"),
      el("span", {}, name, el("small", {}, kind === "help" ? t("asks for help") : when(one.since))));
    if (kind === "hand") row.append(button("floor", "mic", t("Give the floor"), name), button("down", "close", "", `${t("Lower the hand")}: ${name}`));
    return row;
  });
}

function drawLobby(direction) {
  const waiting = direction.lobby ?? [];
  $("lobby").hidden = !waiting.length;
  text($("lobby-title"), t("Waiting to be let in: {n}", { n: waiting.length }));
  fill($("lobby-list"), waiting, (one) => el("li", { "data-id": one.participant }, icon("door"),
    el("span", {}, one.name, el("small", {}, [one.number, t("since {time}", { time: when(one.since) })].filter(Boolean).join(" · "))),
    lobbyButton("admit", "check", t("Let in"), one.name), lobbyButton("refuse", "close", t("Refuse"), one.name)));
}

function button(act, sign, words, label) {
  const made = el("button", { type: "button", class: "button button-small", "data-hand-act": act, "aria-label": words ? `${words}: ${label}` : label }, icon(sign), words ? el("span", {}, words) : "");
  made.disabled = !mayAct;
  return made;
}

function lobbyButton(act, sign, words, label) {
  const made = el("button", { type: "button", class: "button button-small", "data-lobby-act": act, "aria-label": `${words}: ${label}` }, icon(sign), el("span", {}, words));
  made.disabled = !mayAct;
  return made;
}

const drawn = new WeakMap();

/** The list anew, only where what it shows differs: a button that has the focus keeps it. */
function fill(list, items, make) {
  const told = JSON.stringify([items, list.id === "hands-list" ? items.map(([, one]) => state.people.get(one.participant)?.name) : 0]);
  if (drawn.get(list) === told) return;
  drawn.set(list, told);
  const focused = list.contains(document.activeElement) ? [...list.querySelectorAll("button")].indexOf(document.activeElement) : -1;
  list.replaceChildren(...items.map(make));
  if (focused >= 0) list.querySelectorAll("button")[focused]?.focus();
}
