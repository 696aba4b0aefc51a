// REST calls. Errors are problem JSON (RFC 9457); what people read is made here, by error_id.
import { mayAct } from "./dom.js";
import { t } from "./text.js";

const token = document.querySelector('meta[name="csrf-token"]').content;

let skew = 0; // ms that the server's clock is ahead of ours

/** The time there, in ms: moments that the server tells are counted down to by its clock. */
export const serverNow = () => Date.now() + skew;

export class ApiError extends Error {
  constructor(errorId, status, fields = {}) {
    super(sentence(errorId));
    this.errorId = errorId;
    this.status = status;
    this.fields = fields;
  }
}

function sentence(errorId) {
  switch (errorId) {
    case "offline": return t("The server cannot be reached. Try again when the connection is back.");
    case "control_down": return t("The control process is restarting. Try again in a moment.");
    case "asterisk_down": return t("The switchboard is not running now. Try again in a moment.");
    case "mixer_down": return t("The picture mixer is not running now. Sound goes on as usual.");
    case "timed_out": return t("The system took too long to answer. Try again.");
    case "unavailable": return t("The system is busy. Try again in a moment.");
    case "gateway_down": return t("The H.323 gateway is not running now. Try again in a moment.");
    case "room_not_found": return t("This room does not exist any more.");
    case "room_exists": return t("A room with this number exists already.");
    case "conflict": return t("This is not possible in the present state. Look again and repeat it.");
    case "participant_not_found": return t("This site has already left.");
    case "not_permitted": return mayAct ? t("Your account may not do this.") : t("Your account may watch, but not change anything.");
    case "dial_not_permitted": return t("You may call the sites of this room, and nobody else.");
    case "no_trunk": return t("This system has no line to the telephone network yet. Ask the administrator.");
    case "number_abroad": return t("Numbers of other countries may not be called. Those of this country begin with 0.");
    case "csrf_failed": return t("This page is out of date. Load it again.");
    case "bad_request": return t("The system did not accept this.");
    default: return t("This did not work ({code}).", { code: errorId });
  }
}

/** The answer's body, or the Response itself when `raw`. Throws ApiError. */
export async function call(method, path, body, { raw = false, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new ApiError("offline", 0);
  }
  const late = Date.parse(response.headers.get("Date") ?? "") + 500 - Date.now(); // the header is cut to whole seconds
  if (!Number.isNaN(late)) skew = Math.abs(late) > 1500 ? late : 0;
  if (response.ok) return raw ? response : response.status === 204 ? null : response.json();
  if (response.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(problem.error_id ?? `http_${response.status}`, response.status, problem.errors);
}
