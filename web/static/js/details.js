// What a participant's terminal is and, for H.323, what was negotiated: opened below its row, one at a time.
import { call } from "./api.js";
import { attribute, el, icon, mayAct, mayAdminister, text } from "./dom.js";
import { t } from "./text.js";
import { toast } from "./toast.js";
import * as siteActs from "./site-acts.js";

const EVERY = 5000; // ms; round trips and traces have no event of their own
const CODECS = { h264: "H.264", h263: "H.263", h263p: "H.263+", h261: "H.261", pcma: "G.711 A", pcmu: "G.711 µ", g722: "G.722", g7221: "G.722.1", g729: "G.729" };
let open = null; // {id, row, panel, person, h323, timer}

export const isOpen = (id) => open?.id === id;

export function toggle(row, person) {
  const again = isOpen(person.id);
  close();
  if (again) return;
  const panel = build(person.id);
  open = { id: person.id, row, panel, person, h323: person.h323 ?? null, timer: 0 };
  row.append(panel);
  row.classList.add("is-open");
  draw();
  if (open.h323) {
    open.timer = setInterval(() => !document.hidden && read(), EVERY);
    read();
  }
}

export function close() {
  if (!open) return;
  clearInterval(open.timer);
  open.panel.remove();
  open.row.classList.remove("is-open");
  open = null;
}

/** The participant has changed. */
export function update(person) {
  if (!isOpen(person.id)) return;
  const fresh = person.h323 !== open.person.h323;
  open.person = person;
  if (fresh && person.h323) open.h323 = person.h323;
  draw();
}

async function read() {
  const mine = open;
  const told = await ask(() => call("GET", path(mine)));
  if (mine === open && told) draw();
}

const path = ({ h323 }) => `/h323/calls/${encodeURIComponent(h323.tag)}`;

/** The call anew; or null, and why is told where it stands. */
async function ask(work) {
  const mine = open;
  try {
    const told = await work();
    mine.h323 = told;
    note(mine, "");
    return told;
  } catch (fault) {
    note(mine, fault.errorId === "gateway_down"
      ? t("The H.323 gateway is not running now: this is what was known last.")
      : fault.errorId === "not_found" ? t("The gateway does not know this call any more.") : fault.message);
    return null;
  }
}

function note({ panel }, words) {
  const place = panel.querySelector(".note");
  place.hidden = !words;
  text(place.lastElementChild, words);
}

function build(id) {
  const panel = el("div", { class: "details", id: `details-${id}`, role: "region" },
    el("p", { class: "note note-warn", role: "status", hidden: "" }, icon("alert"), el("span")),
    ...(mayAct ? [siteActs.build()] : []),
    el("dl", { class: "facts-list" }),
    el("div", { class: "media", hidden: "" }, el("table", {},
      el("thead", {}, el("tr", {}, el("td"), el("th", { scope: "col" }, t("To the terminal")), el("th", { scope: "col" }, t("From the terminal")))),
      el("tbody", {}, ...[["audio", t("Sound")], ["video", t("Picture")]].map(([medium, name]) =>
        el("tr", { "data-medium": medium }, el("th", { scope: "row" }, name), el("td", {}, el("span"), el("small")), el("td", {}, el("span"), el("small"))))))));
  if (mayAdminister) panel.append(traceButtons());
  return panel;
}

function traceButtons() {
  const button = (name, sign, words, work) => {
    const made = el("button", { type: "button", class: "button button-small", "data-trace": name }, icon(sign), el("span", {}, words));
    made.addEventListener("click", work);
    return made;
  };
  return el("div", { class: "details-acts trace-acts", hidden: "" },
    button("switch", "pen", "", trace),
    button("txt", "download", t("Decoded text"), () => save("txt")),
    button("pcap", "download", t("Packets (pcap)"), () => save("pcap")));
}

async function trace() {
  const mine = open;
  if (!mine?.h323) return;
  const on = !mine.h323.trace;
  try {
    mine.h323 = await call("PUT", `${path(mine)}/trace`, { on });
    toast(on ? t("The messages of this call are recorded from now on") : t("The messages of this call are no longer recorded"));
    if (mine === open) draw();
  } catch (fault) {
    toast(told(fault), { kind: "bad" });
  }
}

async function save(kind) {
  const mine = open;
  if (!mine?.h323) return;
  try {
    const response = await call("GET", `${path(mine)}/trace.${kind}`, undefined, { raw: true });
    const url = URL.createObjectURL(await response.blob());
    el("a", { href: url, download: `h323-${mine.h323.tag}.${kind}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  } catch (fault) {
    toast(told(fault), { kind: "bad" });
  }
}

const told = (fault) => (fault.errorId === "not_found" ? t("The gateway does not know this call any more.") : fault.message);

function draw() {
  const { panel, person, h323 } = open;
  attribute(panel, "aria-label", t("Details of {name}", person));
  if (mayAct) siteActs.draw(panel.querySelector(".site-acts"), person);
  list(panel.querySelector("dl"), facts(person, h323));
  panel.querySelector(".media").hidden = !h323;
  if (!h323) return;
  for (const row of panel.querySelectorAll("[data-medium]")) {
    const medium = h323.media?.[row.dataset.medium];
    fill(row.children[1], medium?.to_terminal);
    fill(row.children[2], medium?.from_terminal);
  }
  const acts = panel.querySelector(".trace-acts");
  if (!acts) return;
  acts.hidden = false;
  const button = acts.firstElementChild;
  attribute(button, "aria-pressed", String(Boolean(h323.trace)));
  text(button.lastElementChild, h323.trace ? t("Stop recording messages") : t("Record messages"));
}

function facts(person, h323) {
  const found = [[t("Device"), person.device || t("not told")], [t("Protocol"), protocolOf(person)]];
  if (person.number) found.push([t("Number"), person.number]);
  if (!h323) return person.codec ? [...found, [t("Picture coding"), codec(person.codec)]] : found;
  const yes = (value) => (value ? t("yes") : t("no"));
  found.push([t("Address"), h323.address]);
  if (h323.aliases?.length) found.push([t("Aliases"), h323.aliases.join(", ")]);
  if (h323.direction) found.push([t("Called by"), h323.direction === "out" ? t("this system") : t("the terminal")]);
  found.push([t("Round trip"), h323.round_trip_ms > 0 ? `${Math.round(h323.round_trip_ms)} ms` : t("not measured yet")]);
  found.push([t("H.245 tunnelling"), yes(h323.tunnelling)], [t("Fast start"), yes(h323.fast_start)], [t("H.239 (presentation)"), yes(h323.h239)]);
  if (h323.h239) found.push([t("Gets slides by H.239"), yes(person.slides)]);
  if (h323.bit_rate_limit) found.push([t("Picture limited to"), rate(h323.bit_rate_limit)]);
  return found;
}

/** "H.323", "SIP", the browser's way, or a telephone. */
export function protocolOf(person) {
  if (person.telephone) return t("telephone");
  return person.h323 ? "H.323" : person.kind === "browser" ? "WebRTC" : "SIP";
}

function list(place, found) {
  while (place.children.length > found.length) place.lastElementChild.remove();
  found.forEach(([name, value], n) => {
    if (!place.children[n]) place.append(el("div", {}, el("dt"), el("dd")));
    text(place.children[n].firstChild, name);
    text(place.children[n].lastChild, String(value ?? ""));
  });
}

function fill(cell, format) {
  text(cell.firstChild, format ? [codec(format.codec), format.bit_rate > 0 && rate(format.bit_rate)].filter(Boolean).join(" · ") : "–");
  text(cell.lastChild, [format?.fmtp, format?.address].filter(Boolean).join(" · "));
}

const codec = (name) => CODECS[String(name).split(" ")[0].toLowerCase()] ?? String(name).split(" ")[0].toUpperCase();
const rate = (bits) => (bits >= 1e6 ? `${(bits / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 })} Mbit/s` : `${Math.round(bits / 1000)} kbit/s`);
