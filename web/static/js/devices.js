// The window with the H.323 terminals that are registered here now.
import { call } from "./api.js";
import { $, el, text } from "./dom.js";
import { state } from "./store.js";
import { compareNames, t } from "./text.js";

const EVERY = 5000; // ms
let timer = 0;

export function start() {
  const dialog = $("devices");
  $("show-devices").addEventListener("click", () => {
    dialog.showModal();
    read();
    timer = setInterval(() => !document.hidden && read(), EVERY);
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => clearInterval(timer));
}

async function read() {
  if (state.status?.h323?.enabled === false) return tell(t("H.323 is switched off in this system's settings."));
  try {
    const [found, terminals] = await Promise.all([call("GET", "/h323/registered"), call("GET", "/terminals")]);
    draw(found, new Map(terminals.map((one) => [one.name, one.display])));
  } catch (fault) {
    tell(fault.errorId === "gateway_down"
      ? t("The H.323 gateway is not running now. Terminals register again by themselves when it is back.")
      : fault.message);
  }
}

/** Instead of the table. */
function tell(words, kind = "warn") {
  const note = $("devices-note");
  note.hidden = !words;
  note.className = `note note-${kind}`;
  text(note.lastElementChild, words);
  $("devices-table").hidden = Boolean(words);
  text($("devices-outside"), "");
}

function draw({ endpoints, outside }, displays) {
  tell(endpoints.length ? "" : t("No H.323 terminal is registered now."), "plain");
  const name = (one) => displays.get(one.terminal) ?? (one.terminal || one.aliases[0] || one.address);
  const order = [...endpoints].sort((a, b) => compareNames(name(a), name(b)));
  $("devices-list").replaceChildren(...order.map((one) => el("tr", {},
    el("th", { scope: "row" }, name(one)),
    cell(t("Aliases"), one.aliases.join(", ")),
    cell(t("Address"), one.address),
    cell(t("Device"), one.product),
    cell(t("Proved by"), one.proved || t("without a password")),
    cell(t("Last heard"), ago(one.heard)),
    cell(t("Calls"), String(one.calls)))));
  if (!outside?.address) return;
  text($("devices-outside"), outside.registered
    ? t("This system is registered with the gatekeeper {address}.", outside)
    : t("This system is not registered with the gatekeeper {address}. {reason}", { address: outside.address, reason: outside.reason ?? "" }));
}

/** On a narrow page the head of the table is gone: each cell says what it is. */
const cell = (label, value) => el("td", { "data-label": label }, value);

function ago(seconds) {
  return seconds < 90 ? t("{n} s ago", { n: Math.round(seconds) }) : t("{n} min ago", { n: Math.round(seconds / 60) });
}
