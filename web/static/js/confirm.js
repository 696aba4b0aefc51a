// "Are you sure": only for what cannot be taken back.
import { $, text } from "./dom.js";

/** Whether the operator said yes. */
export function confirm({ title, text: body, yes }) {
  const dialog = $("confirm");
  text($("confirm-title"), title);
  text($("confirm-text"), body);
  text(dialog.querySelector("[value=yes]"), yes);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
