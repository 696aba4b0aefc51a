// The event stream, with recovery from everything: server gone, session over, sleep, too many missed events.
import { call } from "./api.js";
import * as store from "./store.js";

const EVENTS = ["room.changed", "room.removed", "participant.joined", "participant.changed", "participant.left", "call.changed", "direction.changed", "notice", "control"];
const LOST_AFTER = 1500; // ms without a link before the page says so
const HIDDEN_AFTER = 120000; // ms in the background before the link is given back: it holds a thread there

let source = null;
let lastId = "";
let lostTimer = 0;
let againTimer = 0;
let hiddenTimer = 0;
let tries = 0;
let loading = null;
let onNotice = () => {};

export function start(hearNotice) {
  onNotice = hearNotice;
  connect();
  addEventListener("online", () => source?.readyState !== EventSource.OPEN && connect());
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(disconnect, HIDDEN_AFTER);
    else if (!source) connect();
  });
}

function disconnect() {
  source?.close();
  source = null;
  clearTimeout(againTimer);
  clearTimeout(lostTimer);
  lostTimer = 0;
}

function connect() {
  disconnect();
  expectLoss();
  source = new EventSource(`/api/v1/events${lastId ? `?last_id=${encodeURIComponent(lastId)}` : ""}`);
  source.onopen = () => {
    tries = 0;
    clearTimeout(lostTimer);
    lostTimer = 0;
    store.setLink("live");
  };
  source.onerror = () => {
    expectLoss();
    // The browser tries again by itself unless it was answered with an error; then it is up to us.
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(againTimer);
      againTimer = setTimeout(connect, Math.min(1000 * 2 ** tries++, 8000));
      call("GET", "/status").catch(() => {}); // leads to the log-in when the session is over
    }
  };
  for (const name of EVENTS) source.addEventListener(name, hear);
  source.addEventListener("resync", (event) => {
    lastId = event.lastEventId;
    load();
  });
}

function expectLoss() {
  if (!lostTimer) lostTimer = setTimeout(() => store.setLink("lost"), LOST_AFTER);
}

function hear(event) {
  lastId = event.lastEventId;
  const data = JSON.parse(event.data);
  // What comes while the state is being read is applied to it afterwards: later events win.
  if (loading) loading.push([event.type, data]);
  else store.apply(event.type, data);
  if (event.type === "notice") onNotice(data);
}

/** Read the whole state; until that works, again and again. */
async function load() {
  const queue = (loading = []);
  try {
    const paths = ["/status", "/rooms", "/participants", "/layouts", "/calls"];
    const [status, rooms, people, layouts, calls] = await Promise.all(paths.map((path) => call("GET", path)));
    if (loading !== queue) return; // a newer resync has taken over
    loading = null;
    store.replace({ status, rooms, people, layouts, calls });
  } catch (fault) {
    if (loading !== queue) return;
    loading = null;
    if (fault.errorId === "control_down" || fault.errorId === "timed_out") store.setLink(store.state.server, false);
    setTimeout(load, 2000);
  }
  for (const [type, data] of queue) store.apply(type, data);
}

/** The parts' states have no event of their own: read them after each notice, and now and then. */
export async function refreshStatus() {
  try {
    store.setStatus(await call("GET", "/status"));
    store.setLink(store.state.server, true);
  } catch (fault) {
    if (fault.errorId === "control_down") store.setLink(store.state.server, false);
  }
}
