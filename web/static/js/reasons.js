// Why a terminal that was called did not come, in the operators' words.
import { t } from "./text.js";

export function reasonWord(reason) {
  switch (reason) {
    case "busy": return t("busy");
    case "no_answer": return t("no answer");
    case "unreachable": return t("cannot be reached");
    case "refused": return t("refused");
    case "not_found": return t("no such number");
    case "codec": return t("no common codec");
    default: return t("the call failed");
  }
}

/** Name and reason out of control's sentence in a notice `call_failed`; null when it is another one. */
export function failure(text) {
  const found = /^(.*) \([^()]*\) did not come: ([a-z ]+)$/.exec(text);
  return found && { name: found[1], reason: found[2].replaceAll(" ", "_") };
}
