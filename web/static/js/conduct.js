// Acts of a meeting, by one request each; what can be taken back offers so.
import { call } from "./api.js";
import { setDirection, state } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

/** Whether it was carried out. `act` as POST /rooms/<n>/acts takes it; `said` is shown, with a way back if there is one. */
export async function carryOut(number, act, said = "") {
  const before = state.directions.get(number);
  try {
    const { direction, step } = await call("POST", `/rooms/${number}/acts`, act);
    // An event that came meanwhile may tell of something later.
    if (direction && state.directions.get(number) === before) setDirection(direction);
    if (said) toast(said, { undo: step ? () => undo(number, step) : null });
    return true;
  } catch (fault) {
    toast(fault.message, { kind: "bad" });
    return false;
  }
}

/** Take this step back, and no other that somebody made since. */
export async function undo(number, step) {
  try {
    await call("POST", `/rooms/${number}/acts`, { act: "undo", step });
    toast(t("The last act has been taken back"));
  } catch (fault) {
    toast(fault.errorId === "conflict" ? t("Something else has been done since: nothing was taken back.") : fault.message, { kind: "bad" });
  }
}
