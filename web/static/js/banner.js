// The window that asks for a text over the picture.
import { $ } from "./dom.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { carryOut } from "./conduct.js";

export function ask(number) {
  const dialog = $("banner-ask");
  const form = dialog.querySelector("form");
  const { text, scroll } = form.elements;
  const now = state.directions.get(number)?.banner;
  text.value = now?.text ?? "";
  scroll.checked = now?.scroll ?? true;
  $("banner-off").hidden = !now;
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  $("banner-off").onclick = () => send("");
  form.onsubmit = (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (words) send(words);
    else text.focus();
  };
  async function send(words) {
    const act = { act: "banner", text: words, ...(words ? { scroll: scroll.checked } : {}) };
    if (await carryOut(number, act, words ? t("The text is on the picture") : t("The text has been taken off the picture"))) dialog.close();
  }
  dialog.showModal();
  text.focus();
}
