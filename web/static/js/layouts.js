// Pictograms of the layouts, drawn from their tiles.
import { $, attribute, el, mayAct, svg } from "./dom.js";
import { state } from "./store.js";
import { t } from "./text.js";
import * as acts from "./acts.js";

const WIDE = 64;
const HIGH = 36;
const GAP = 1.5;
let drawn = "";

export function start() {
  const list = $("layouts");
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-layout]");
    if (button && button.getAttribute("aria-checked") !== "true") acts.layout(state.open, button.dataset.layout);
  });
  // A radio group: arrows move, Space or Enter choose.
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.children];
    all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus();
  });
}

export function draw() {
  const list = $("layouts");
  const told = JSON.stringify(state.layouts);  // read anew with each connection, and mostly the same: who has the focus keeps it
  if (drawn !== told) {
    drawn = told;
    list.replaceChildren(...state.layouts.map(make));
  }
  const current = state.rooms.get(state.open)?.layout;
  for (const button of list.children) {
    const on = button.dataset.layout === current;
    attribute(button, "aria-checked", String(on));
    attribute(button, "tabindex", on ? "0" : "-1");
    button.disabled = !mayAct;
  }
  if (![...list.children].some((button) => button.tabIndex === 0)) list.firstElementChild?.setAttribute("tabindex", "0");
}

function make({ name, tiles }) {
  const auto = name === "auto";
  const label = auto ? t("Automatic") : name.replace("x", "×");
  const spoken = auto ? t("Automatic: as many panes as there are sites") : t("{n} panes, {name}", { n: tiles.length, name });
  const drawing = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, svg("rect", { class: "canvas", width: WIDE, height: HIGH, rx: 3 }));
  for (const [x, y, w, h] of auto ? [[0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5], [0, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5]] : tiles) {
    drawing.append(svg("rect", {
      class: "tile", rx: 1,
      x: x * WIDE + GAP / 2, y: y * HIGH + GAP / 2,
      width: Math.max(w * WIDE - GAP, 0.5), height: Math.max(h * HIGH - GAP, 0.5),
    }));
  }
  if (auto) drawing.append(svg("circle", { class: "auto-disc", cx: WIDE / 2, cy: HIGH / 2, r: 10 }), svg("path", { class: "auto-sign", d: "M28 22l4-9 4 9M29.500 19h5" }));
  return el("button", { type: "button", class: "layout", role: "radio", "data-layout": name, "aria-label": spoken, title: spoken }, drawing, el("span", {}, label));
}
