// A still of the composed picture, once a second, while somebody can see it.
import { call } from "./api.js";
import { $, text } from "./dom.js";
import { state } from "./store.js";
import { clock, t } from "./text.js";

const EVERY = 1000; // ms
const WIDTH = 960;
let shown = "";
let busy = false;
let since = 0;

export function start() {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}

/** Another room is on show. */
export function reset() {
  since++;
  hide(t("Looking for the picture…"));
  refresh();
}

export async function refresh() {
  const number = state.open;
  if (busy || document.hidden || !number || !state.rooms.has(number) || state.server !== "live") return;
  const mine = since;
  busy = true;
  try {
    const response = await call("GET", `/rooms/${number}/still.jpg?width=${WIDTH}`, undefined, { raw: true });
    const url = URL.createObjectURL(await response.blob());
    // The next one is decoded before it is shown, so nothing flickers.
    const next = new Image();
    next.src = url;
    await next.decode();
    if (mine === since) show(url);
    else URL.revokeObjectURL(url);
  } catch (fault) {
    if (mine === since) hide(reason(fault));
  } finally {
    busy = false;
  }
}

function reason(fault) {
  if (fault.errorId === "mixer_down") return t("The picture mixer is restarting. Sound goes on as usual.");
  if (fault.errorId === "not_found") return t("No picture: no site is sending one now.");
  if (fault.errorId === "control_down" || fault.errorId === "offline") return t("No picture while the connection is lost.");
  return t("No picture at the moment.");
}

function show(url) {
  const image = $("still-image");
  image.src = url;
  image.hidden = false;
  $("still-none").hidden = true;
  $("still-lamp").classList.add("lamp-good");
  text($("still-time"), clock(new Date(), true));
  if (shown) URL.revokeObjectURL(shown);
  shown = url;
}

function hide(why) {
  $("still-image").hidden = true;
  $("still-lamp").classList.remove("lamp-good");
  const none = $("still-none");
  none.hidden = false;
  text(none.querySelector("p"), why);
  text($("still-time"), "");
}
