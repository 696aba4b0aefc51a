// Why something failed, by its error's id, as part of a sentence; as mcu/core/error_words.py says it in the minutes.
import { language, t } from "./text.js";

/** `said`: the error's own sentence, which is English and may name more. */
export function faultWord(error, said) {
  if (language === "en") return said;
  switch (error) {
    case "asterisk_down": return t("the switchboard is not running");
    case "bad_request": return t("the system did not accept this");
    case "busy": return t("the system is busy");
    case "conflict": return t("this is not possible in the present state");
    case "gateway_down": return t("the H.323 gateway is not running");
    case "internal": return t("a fault within the system");
    case "mixer_down": return t("the picture mixer is not running");
    case "no_trunk": return t("there is no line to the telephone network");
    case "not_found": return t("something that it needs was not found");
    case "not_permitted": return t("this is not permitted");
    case "number_abroad": return t("numbers of other countries may not be called");
    case "participant_not_found": return t("the site has left");
    case "room_not_found": return t("the room does not exist any more");
    case "timed_out": return t("the system did not answer in time");
    case "unavailable": return t("the system is not ready now");
    default: return said;
  }
}
