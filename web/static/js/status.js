// The strip at the top: what is up, what is down, what happened; and the banner when it matters.
import { $, attribute, el, text } from "./dom.js";
import { state } from "./store.js";
import { faultWord } from "./faults.js";
import { reasonWord } from "./reasons.js";
import { moment, t, when } from "./text.js";

let seen = null; // time of the newest notice that was there when the page came, or the list was open

export function start() {
  const parts = $("parts");
  const news = $("news");
  const toggle = (open) => {
    news.hidden = !open;
    attribute(parts, "aria-expanded", String(open));
    drawCount();
  };
  parts.addEventListener("click", () => toggle(news.hidden));
  document.addEventListener("click", (event) => !event.target.closest(".strip") && toggle(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !news.hidden) {
      toggle(false);
      parts.focus();
    }
  });
}

const notices = () => state.status?.notices ?? [];

/** Control's own sentence is English; notices are told in the page's language, by their code and what they name. */
export function noticeText({ code, level, text, data }) {
  const known = data && Object.keys(data).length > 0; // not of one that an older version kept
  const named = known && { ...data, reason: reasonWord(data.reason) };
  switch (code) {
    case "asterisk_away": return t("The switchboard has stopped");
    case "asterisk_back": {
      if (level === "info") return t("The switchboard is running again");
      return known ? t("The switchboard is running again, without {lost} of {before} calls", data) : text;
    }
    case "bridge_full": return t("The system is full: no more sites can join");
    case "call_failed": return known ? t("{name} was called and did not come: {reason}", named) : text;
    case "calls_resumed": return known ? t("The MCU was restarted: calls made again: {again}, not made: {dropped}", data) : text;
    case "clock_changed": return known ? t("The clock of the MCU was set by {seconds} s", data) : text;
    case "focus_left": return known ? t("Room {room}: the site that all saw has left; microphones stay as they are", data) : text;
    case "gateway_away": return t("The H.323 gateway has stopped; H.323 terminals cannot call");
    case "gateway_back": return t("The H.323 gateway is running again");
    case "help": return known ? t("{name} in room {room} asks for the operator", data) : text;
    case "meeting_late": return known ? t("Meeting {title} in room {room} began {minutes} minutes late", data) : text;
    case "meeting_missed": return known ? t("Meeting {title} in room {room} was missed: the MCU was away or its clock was wrong", data) : text;
    case "meeting_step_failed": return known ? t("Meeting {title} in room {room}: a step failed ({reason})", { ...data, reason: faultWord(data.error, data.reason) }) : text;
    case "mixer_away": return t("The picture mixer has stopped; sound goes on");
    case "mixer_restarted": return t("The picture mixer was restarted");
    case "pin_guessed": return known ? t("Room {room} is closed to guests for {minutes} minutes: {wrong} wrong PINs", data) : text;
    case "record_back": {
      if (level === "info") return t("The record can be written again");
      return known ? t("The record can be written again; entries lost: {lost}", data) : text;
    }
    case "record_failing": return t("Nothing can be recorded now. Meetings go on; it is kept in memory and tried again");
    case "room_full": return known ? t("Room {room} is full ({people} sites): no more can join it", data) : text;
    case "scanner": return known ? t("Calls from {address} are refused for {minutes} minutes: wrong numbers or PINs", data) : text;
    case "site_lost": {
      if (!known) return text;
      return data.again ? t("The call of {name} broke ({reason}); it is called again", named) : t("The call of {name} broke ({reason}); it is not called any more", named);
    }
    case "test_broken_off": return known ? t("The MCU was restarted: the test session in room {room} was too long ago and does not go on", data) : text;
    case "test_resumed": return known ? t("The MCU was restarted: the test session in room {room} goes on, with {left} sites of {sites}", data) : text;
    case "trunk_away": return t("The telephone line is not registered: telephones cannot be called, and cannot call");
    case "trunk_back": return t("The telephone line is registered again");
    case "webhook_disabled": return known ? t("Webhook {webhook} took nothing for 24 hours and is disabled", data) : text;
    case "webhook_full": return known ? t("Webhook {webhook} has too many events waiting; more are not kept for it", data) : text;
    default: return text;
  }
}

export function draw() {
  const live = state.server === "live" && state.control && Boolean(state.status);
  const known = state.server === "live" && (state.loaded || !state.control);
  lamp("control", known ? state.control : null);
  lamp("asterisk", live ? Boolean(state.status.asterisk?.connected) : null);
  lamp("mixer", live ? Boolean(state.status.mixer?.connected) : null);
  const h323 = state.status?.h323;
  document.querySelector("[data-part=h323]").hidden = h323?.enabled === false;
  lamp("h323", live && h323 ? Boolean(h323.connected) : null);
  drawBanner();
  drawNews();
}

function lamp(part, up) {
  const node = document.querySelector(`[data-part=${part}]`);
  attribute(node, "data-up", up === null ? "unknown" : up ? "yes" : "no");
  text(node.querySelector("b"), up === null ? t("unknown") : up ? t("running") : t("not running"));
}

function drawBanner() {
  const [message, kind] = worst();
  const banner = $("banner");
  banner.hidden = !message;
  banner.className = `banner banner-${kind}`;
  text(banner, message);
  document.body.classList.toggle("offline", state.server === "lost" || !state.control);
}

function worst() {
  if (state.server === "lost") return [t("Connection to the server lost. Trying again; this page recovers by itself."), "bad"];
  if (!state.control) return [t("The control process is restarting. Meetings go on; this page recovers by itself."), "warn"];
  if (!state.status) return ["", "warn"];
  if (!state.status.asterisk?.connected) return [t("The switchboard is not running. Calls are not possible until it is back."), "bad"];
  if (!state.status.mixer?.connected) return [t("The picture mixer is not running. Sound goes on as usual; pictures come back by themselves."), "warn"];
  const { h323 } = state.status;
  if (h323?.enabled && !h323.connected) return [t("The H.323 gateway is not running. H.323 terminals cannot call or be called until it is back."), "warn"];
  return ["", "warn"];
}

function drawNews() {
  const all = notices();
  $("news-none").hidden = all.length > 0;
  $("news-list").replaceChildren(...[...all].reverse().slice(0, 20).map((notice) =>
    el("li", { "data-level": notice.level ?? "info" }, el("time", {}, when(notice.at)), el("span", {}, noticeText(notice)))));
  drawCount();
}

function drawCount() {
  const newest = Math.max(0, ...notices().map((notice) => moment(notice.at)?.getTime() ?? 0));
  if (state.status && (seen === null || !$("news").hidden)) seen = newest;
  const fresh = notices().filter((notice) => moment(notice.at) > (seen ?? 0)).length;
  $("news-count").hidden = fresh === 0;
  text($("news-count"), String(fresh));
}
