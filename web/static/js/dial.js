// The dialog that calls a terminal into a room: one that is known, or any address.
import { ApiError, call } from "./api.js";
import { $, el, text } from "./dom.js";
import { compareNames, plain, t } from "./text.js";
import { toast } from "./toast.js";

let terminals = [];
let loading = 0;

export function dial(room) {
  const dialog = $("dial");
  const form = dialog.querySelector("form");
  const fields = form.elements;
  const button = form.querySelector("[type=submit]");
  text($("dial-title"), t("Call a terminal into {name}", room));
  form.reset();
  show(form, {});
  turn(form);
  list(form);
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  for (const radio of fields.how) radio.onchange = () => turn(form);
  fields.find.oninput = () => list(form);
  fields.find.onkeydown = (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    fields.terminal.focus();
    if (fields.terminal.selectedIndex < 0) fields.terminal.selectedIndex = 0;
    fields.terminal.onchange();
  };
  fields.terminal.onchange = () => suggest(form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = read(form);
    const faults = check(wanted, fields.how.value);
    show(form, faults);
    if (Object.keys(faults).length) return;
    button.disabled = true;
    try {
      const made = await call("POST", `/rooms/${room.number}/calls`, wanted);
      toast(t("Calling {name}", made));
      dialog.close();
    } catch (fault) {
      show(form, refused(fault));
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
  fields.find.focus();
  load(form);
}

async function load(form) {
  const mine = ++loading;
  try {
    const found = await call("GET", "/terminals");
    if (mine !== loading) return;
    const anywhere = !form.querySelector("[name=how][value=address]").disabled;
    terminals = found.filter((one) => anywhere || one.site != null).sort((a, b) => compareNames(a.display, b.display) || compareNames(a.name, b.name));
    list(form);
    if (!terminals.length && anywhere && form.elements.how.value === "terminal") {
      form.elements.how.value = "address";
      turn(form);
      form.elements.address.focus();
    }
  } catch (fault) {
    if (mine === loading) show(form, { form: fault.message });
  }
}

function list(form) {
  const { find, terminal } = form.elements;
  const wanted = plain(find.value.trim());
  const before = terminal.value;
  const fitting = terminals.filter((one) => plain(`${one.display} ${one.name} ${one.alias} ${one.address}`).includes(wanted));
  terminal.replaceChildren(...fitting.map((one) => {
    const option = el("option", { value: one.name }, [one.display, one.alias, { h323: "H.323", phone: t("telephone") }[one.protocol] ?? "SIP"].filter(Boolean).join(" · "));
    option.disabled = /\/(?!32$|128$)/.test(one.address); // known by a whole network: where to call is not known
    return option;
  }));
  terminal.value = fitting.length === 1 && !terminal.options[0].disabled ? fitting[0].name : before;
  text($("terminal-none"), fitting.length ? "" : terminals.length ? t("No terminal fits what you are looking for.") : form.querySelector("[name=how][value=address]").disabled ? t("No terminal of this room's sites is registered yet.") : t("The administrator has registered no terminal yet. Call an address."));
  suggest(form);
}

/** The name that it will have in the meeting when none is written. */
function suggest({ elements }) {
  const chosen = terminals.find((one) => one.name === elements.terminal.value);
  elements.name.placeholder = (elements.how.value === "terminal" && chosen?.display) || "";
}

function turn(form) {
  for (const part of form.querySelectorAll("[data-how]")) part.hidden = part.dataset.how !== form.elements.how.value;
  suggest(form);
}

function read({ elements }) {
  const wanted = elements.how.value === "terminal" ? { terminal: elements.terminal.value } : { address: elements.address.value.trim() };
  const name = elements.name.value.trim();
  return { ...wanted, ...(name && { name }), tries: Number(elements.tries.value) };
}

function check(wanted, how) {
  if (how === "terminal") return wanted.terminal ? {} : { terminal: t("Choose a terminal.") };
  return /^\s*((sip|h323):\S+|tel:[+\d\s.()-]+)$/i.test(wanted.address) ? {} : { address: t("Write an address that begins with sip:, h323: or tel:, without spaces.") };
}

function refused(fault) {
  if (!(fault instanceof ApiError)) throw fault;
  if (fault.errorId === "conflict") return { form: t("This terminal is being called already.") };
  if (fault.errorId === "not_found") return { terminal: t("This terminal is no longer registered. Open this window again.") };
  const faults = {};
  if (fault.fields.address) faults.address = t("This cannot be called. Look at the examples below.");
  if (fault.fields.name) faults.name = t("This name cannot be used. Write one line of ordinary letters.");
  return Object.keys(faults).length ? faults : { form: fault.message };
}

function show(form, faults) {
  const names = ["terminal", "address", "name"];
  for (const name of names) {
    text($(`dial-${name}-fault`), faults[name] ?? "");
    form.elements[name].setAttribute("aria-invalid", String(Boolean(faults[name])));
  }
  const note = form.querySelector(".note");
  note.hidden = !faults.form;
  text(note.querySelector("span"), faults.form ?? "");
  const first = names.find((name) => faults[name]);
  if (first) form.elements[first].focus();
}
