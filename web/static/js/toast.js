// Short messages at the lower edge, with a way back where there is one.
import { el, icon, $ } from "./dom.js";
import { t } from "./text.js";

const SHOWN = 7000; // ms; long enough to read and to reach "Undo"
const MOST = 4;

export function toast(message, { kind = "good", undo = null } = {}) {
  const box = el("div", { class: `toast toast-${kind}` }, icon(kind === "good" ? "check" : "alert"), el("span", {}, message));
  let timer = 0;
  const close = () => { clearTimeout(timer); box.remove(); };
  const wait = () => { timer = setTimeout(close, SHOWN); };
  if (undo) {
    const back = el("button", { type: "button", class: "button button-small" }, t("Undo"));
    back.addEventListener("click", () => { close(); undo(); });
    box.append(back);
  }
  const shut = el("button", { type: "button", class: "toast-close", "aria-label": t("Close") }, icon("close"));
  shut.addEventListener("click", close);
  box.append(shut);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", wait);
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("focusout", wait);
  const shelf = $("toasts");
  shelf.append(box);
  while (shelf.children.length > MOST) shelf.firstChild.remove();
  wait();
}
