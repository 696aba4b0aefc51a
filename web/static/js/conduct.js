// Acts of a meeting, by one request each; what can be taken back offers so.
import { call } from "./api.js";
import { setDirection } from "./store.js";
import { t } from "./text.js";
import { toast } from "./toast.js";

/** Whether it was carried out. `act` as POST /rooms/<n>/acts takes it; `said` is shown, with a way back if `undo`. */
export async function carryOut(number, act, said = "", undo = true) {
  try {
    const { direction } = await call("POST", `/rooms/${number}/acts`, act);
    if (direction) setDirection(direction);
    const back = undo && direction?.undo === act.act ? () => carryOut(number, { act: "undo" }, t("The last act has been taken back"), false) : null;
    if (said) toast(said, { undo: back });
    return true;
  } catch (fault) {
    toast(fault.message, { kind: "bad" });
    return false;
  }
}
