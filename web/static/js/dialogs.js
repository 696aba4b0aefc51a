// The two dialogs: "are you sure", and a new room.
import { ApiError, call } from "./api.js";
import { $, text } from "./dom.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

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

export function offerNewRoom(onMade) {
  const dialog = $("create");
  const form = dialog.querySelector("form");
  form.reset();
  show(form, {});
  form.elements.number.value = freeNumber();
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = {
      number: form.elements.number.value.trim(),
      name: form.elements.name.value.trim(),
      guests: form.elements.guests.checked,
    };
    const faults = check(wanted);
    show(form, faults);
    if (Object.keys(faults).length) return;
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const room = await call("POST", "/rooms", wanted);
      dialog.close();
      toast(t("Room {number} – {name} is ready", room));
      onMade(room);
    } catch (fault) {
      show(form, refused(fault));
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
  form.elements.name.focus();
}

function freeNumber() {
  let number = 1001;
  while (state.rooms.has(String(number))) number++;
  return String(number);
}

function check({ number, name }) {
  const faults = {};
  if (!/^[0-9]{1,16}$/.test(number)) faults.number = t("Write 1 to 16 digits, without spaces or letters.");
  else if (state.rooms.has(number)) faults.number = t("A room with this number exists already.");
  if (!name) faults.name = t("Give the room a name.");
  return faults;
}

function refused(fault) {
  if (!(fault instanceof ApiError)) throw fault;
  if (fault.errorId === "room_exists") return { number: fault.message };
  const faults = {};
  if (fault.fields.number) faults.number = t("Write 1 to 16 digits, without spaces or letters.");
  if (fault.fields.name) faults.name = t("This name cannot be used. Write one line of ordinary letters.");
  return Object.keys(faults).length ? faults : { form: fault.message };
}

function show(form, faults) {
  for (const name of ["number", "name"]) {
    text($(`${name}-fault`), faults[name] ?? "");
    form.elements[name].setAttribute("aria-invalid", String(Boolean(faults[name])));
  }
  const note = form.querySelector(".note");
  note.hidden = !faults.form;
  text(note.querySelector("span"), faults.form ?? "");
  const first = ["number", "name"].find((name) => faults[name]);
  if (first) form.elements[first].focus();
}
