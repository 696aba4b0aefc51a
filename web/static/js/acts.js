// What an operator can do: acts of a meeting, and what is no such act. Each says how it went.
import { call } from "./api.js";
import { carryOut } from "./conduct.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";
import { confirm } from "./confirm.js";

async function act(work, done) {
  try {
    await work();
    if (done) toast(done);
  } catch (fault) {
    toast(fault.message, { kind: "bad" });
  }
}

const room = (number) => `/rooms/${number}`;

export function mute(person, on) {
  const said = on ? t("Microphone of {name} is off", person) : t("Microphone of {name} is on", person);
  return carryOut(person.room, { act: "mute", participant: person.id, on }, said);
}

export function muteAll(number, on) {
  const said = on ? t("All microphones are off") : t("All microphones are on");
  return carryOut(number, { act: "mute_all", on, except_chair: false }, said);
}

export async function kick(person) {
  const sure = await confirm({
    title: t("Remove {name} from the room?", person),
    text: t("The call of this site ends now. The site can call again, unless the room is locked."),
    yes: t("Remove from the room"),
  });
  if (sure) await carryOut(person.room, { act: "drop", participant: person.id }, t("{name} was removed from the room", person));
}

export function lock(number, on) {
  const said = on ? t("The room is locked: nobody else can come in") : t("The room is open again");
  return carryOut(number, { act: "lock", on }, said);
}

export function layout(number, name) {
  return carryOut(number, { act: "layout", layout: name }, t("The layout has been changed"));
}

const unlisted = (fault) => (fault.errorId === "not_found" ? new Error(t("This call is no longer listed.")) : fault);
const outgoing = (method, path) => call(method, `/calls/${path}`).catch((fault) => { throw unlisted(fault); });

export function callAgain({ id, name }) {
  return act(() => outgoing("POST", `${id}/again`), t("Calling {name} again", { name }));
}

export function endCall({ id, name, state: now }) {
  return act(() => outgoing("DELETE", id), now === "failed" ? "" : t("{name} is not called any more", { name }));
}

export async function removeRoom(number) {
  const { name } = state.rooms.get(number);
  if ([...state.people.values()].some((person) => person.room === number)) {
    return toast(t("A meeting is going on in this room. It can be deleted when everybody has left."), { kind: "warn" });
  }
  const sure = await confirm({
    title: t("Delete room {number} – {name}?", { number, name }),
    text: t("Sites will no longer be able to call this number. This cannot be undone."),
    yes: t("Delete the room"),
  });
  if (sure) await act(() => call("DELETE", room(number)), t("Room {number} has been deleted", { number }));
}
