// What an operator can do. Each act says how it went; what can be taken back offers so.
import { call } from "./api.js";
import { state } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";
import { confirm } from "./confirm.js";

async function act(work, done, undo = null) {
  try {
    const result = await work();
    if (done) toast(done, { undo: undo && (() => undo(result)) });
    return true;
  } catch (fault) {
    toast(fault.message, { kind: "bad" });
    return false;
  }
}

const room = (number) => `/rooms/${number}`;

export function mute(person, on) {
  const change = (value) => call("PATCH", `${room(person.room)}/participants/${person.id}`, { muted: value });
  const said = on ? t("Microphone of {name} is off", person) : t("Microphone of {name} is on", person);
  return act(() => change(on), said, () => act(() => change(!on)));
}

export function muteAll(number, on) {
  const change = (muted, only) => call("PATCH", `${room(number)}/participants`, { muted, only });
  const said = on ? t("All microphones are off") : t("All microphones are on");
  return act(() => change(on), said, ({ changed }) => changed.length && act(() => change(!on, changed)));
}

export async function kick(person) {
  const sure = await confirm({
    title: t("Remove {name} from the room?", person),
    text: t("The call of this site ends now. The site can call again, unless the room is locked."),
    yes: t("Remove from the room"),
  });
  if (sure) await act(() => call("DELETE", `${room(person.room)}/participants/${person.id}`), t("{name} was removed from the room", person));
}

export function lock(number, on) {
  const change = (locked) => call("PATCH", room(number), { locked });
  const said = on ? t("The room is locked: nobody else can come in") : t("The room is open again");
  return act(() => change(on), said, () => act(() => change(!on)));
}

export function layout(number, name) {
  const before = state.rooms.get(number)?.layout;
  const change = (to) => call("PATCH", room(number), { layout: to });
  return act(() => change(name), t("The layout has been changed"), before && before !== name ? () => act(() => change(before)) : null);
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
