// Terminals that the bridge calls into the room on show: one row each, until it is there or somebody clears it.
import { serverNow } from "./api.js";
import { $, attribute, mayAct, text } from "./dom.js";
import { callsTo, state } from "./store.js";
import { compareNames, t } from "./text.js";
import * as acts from "./acts.js";
import { dial } from "./dial.js";
import { reasonWord } from "./reasons.js";

const rows = new Map(); // id → <li>
let ticking = 0;

export function start() {
  $("call-terminal").addEventListener("click", () => dial(state.rooms.get(state.open)));
  $("calls-fact").addEventListener("click", () => {
    $("calls").scrollIntoView({ block: "center" });
    $("calls").focus();
  });
  $("call-list").addEventListener("click", (event) => {
    const button = event.target.closest("[data-call-act]");
    const call = button && state.calls.get(button.closest(".call").dataset.id);
    if (!call) return;
    if (button.dataset.callAct === "again") acts.callAgain(call);
    else acts.endCall(call);
  });
}

export function draw() {
  const calls = callsTo(state.open);
  const present = new Set(calls.map((call) => call.id));
  let focused = false;
  for (const [id, row] of rows) {
    if (present.has(id)) continue;
    focused ||= row.contains(document.activeElement);
    row.remove();
    rows.delete(id);
  }
  // Those that failed go to the end: nothing happens to them by itself.
  calls.sort((a, b) => (a.state === "failed") - (b.state === "failed") || compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1));
  const list = $("call-list");
  calls.forEach((call, place) => {
    const row = rows.get(call.id) ?? make(call.id);
    fill(row, call);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  $("calls").hidden = !calls.length;
  // Whoever worked in a row that is gone goes on from here, not from the top of the page.
  if (focused) (calls.length ? $("calls") : $("call-terminal")).focus();
  drawFact(calls);
  clearTimeout(ticking);
  if (calls.some((call) => call.state === "waiting")) ticking = setTimeout(draw, 1000 - (serverNow() % 1000));
}

function drawFact(calls) {
  const failed = calls.filter((call) => call.state === "failed").length;
  const parts = [];
  if (calls.length > failed) parts.push(t("{n} being called", { n: calls.length - failed }));
  if (failed) parts.push(t("{n} did not come", { n: failed }));
  $("calls-fact").hidden = !calls.length;
  text($("calls-fact").lastElementChild, parts.join(" · "));
}

function make(id) {
  const row = $("call-row").content.firstElementChild.cloneNode(true);
  row.dataset.id = id;
  for (const button of row.querySelectorAll("button")) button.disabled = !mayAct;
  rows.set(id, row);
  return row;
}

function fill(row, call) {
  const [, name, again, end] = row.children;
  attribute(row, "data-state", call.state);
  text(name.firstElementChild, call.name);
  const [now, where] = name.lastElementChild.children;
  text(now, words(call));
  text(where, call.address);
  again.hidden = call.state === "dialling" || call.state === "queued";
  attribute(again, "aria-label", `${t("Call again now")}: ${call.name}`);
  const label = call.state === "failed" ? t("Clear") : t("Stop calling");
  text(end.lastElementChild, label);
  attribute(end, "aria-label", `${label}: ${call.name}`);
}

function words(call) {
  const reason = reasonWord(call.reason);
  if (call.state === "failed") return t("did not come: {reason}", { reason });
  if (call.state === "waiting") return t("{reason}; called again in {time}", { reason, time: left(call.retry_at) });
  return call.failures ? t("calling, attempt {n}…", { n: call.failures + 1 }) : t("calling…");
}

/** Minutes and seconds until then. */
function left(at) {
  const seconds = Math.max(0, Math.ceil(at - serverNow() / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
