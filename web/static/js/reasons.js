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
    case "no_place": return t("no place is left");
    case "failed":
    default: return t("the call failed");
  }
}
