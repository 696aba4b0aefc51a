// The dialog with a room's settings: for a new one, and for changing one.
import { ApiError, call } from "./api.js";
import { $, text } from "./dom.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

export function newRoom(onMade) {
  ask({
    title: t("New room"),
    yes: t("Make the room"),
    values: { number: freeNumber(), name: "", guests: true, pin: "" },
    send: async (wanted) => {
      const room = await call("POST", "/rooms", wanted);
      toast(t("Room {number} – {name} is ready", room));
      onMade(room);
    },
  });
}

export async function changeRoom(room) {
  let pin;
  try {
    ({ pin } = await call("GET", `/rooms/${room.number}/pin`));
  } catch (fault) {
    return toast(fault.message, { kind: "bad" });
  }
  return ask({
    title: t("Change room {number}", room),
    yes: t("Save"),
    values: { ...room, pin },
    send: async ({ name, guests, pin }) => {
      await call("PATCH", `/rooms/${room.number}`, { name, guests, pin });
      toast(t("The room has been changed"));
    },
    fixed: true,
  });
}

/** `fixed`: the number is only shown. */
function ask({ title, yes, values, send, fixed = false }) {
  const dialog = $("settings");
  const form = dialog.querySelector("form");
  const { number, name, guests, pin } = form.elements;
  const button = form.querySelector("[type=submit]");
  show(form, {});
  text($("settings-title"), title);
  text(button, yes);
  number.value = values.number;
  number.readOnly = fixed;
  name.value = values.name;
  guests.checked = values.guests;
  pin.value = values.pin;
  const admits = () => { $("pin-field").hidden = !guests.checked; };
  guests.onchange = admits;
  admits();
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = { number: number.value.trim(), name: name.value.trim(), guests: guests.checked, pin: pin.value.trim() };
    const faults = check(wanted, fixed);
    show(form, faults);
    if (Object.keys(faults).length) return;
    button.disabled = true;
    try {
      await send(wanted);
      dialog.close();
    } catch (fault) {
      show(form, refused(fault));
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
  name.focus();
}

function freeNumber() {
  let number = 1001;
  while (state.rooms.has(String(number))) number++;
  return String(number);
}

function check({ number, name, pin }, fixed) {
  const faults = {};
  if (!/^[0-9]{1,16}$/.test(number)) faults.number = t("Write 1 to 16 digits, without spaces or letters.");
  else if (!fixed && state.rooms.has(number)) faults.number = t("A room with this number exists already.");
  if (!/^([0-9]{4,12})?$/.test(pin)) faults.pin = t("Write 4 to 12 digits, or nothing.");
  if (!name) faults.name = t("Give the room a name.");
  return faults;
}

function refused(fault) {
  if (!(fault instanceof ApiError)) throw fault;
  if (fault.errorId === "room_exists") return { number: fault.message };
  const faults = {};
  if (fault.fields.number) faults.number = t("Write 1 to 16 digits, without spaces or letters.");
  if (fault.fields.name) faults.name = t("This name cannot be used. Write one line of ordinary letters.");
  if (fault.fields.pin) faults.pin = t("Write 4 to 12 digits, or nothing.");
  return Object.keys(faults).length ? faults : { form: fault.message };
}

function show(form, faults) {
  for (const name of ["number", "name", "pin"]) {
    text($(`${name}-fault`), faults[name] ?? "");
    form.elements[name].setAttribute("aria-invalid", String(Boolean(faults[name])));
  }
  const note = form.querySelector(".note");
  note.hidden = !faults.form;
  text(note.querySelector("span"), faults.form ?? "");
  const first = ["number", "name", "pin"].find((name) => faults[name]);
  if (first) form.elements[first].focus();
}
