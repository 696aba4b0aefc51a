// Starts the panel and joins its parts.
import { $ } from "./dom.js";
import * as devices from "./devices.js";
import * as room from "./room.js";
import { newRoom } from "./room-settings.js";
import * as rooms from "./rooms.js";
import * as status from "./status.js";
import * as store from "./store.js";
import * as stream from "./stream.js";
import { compareNames } from "./text.js";
import { toast } from "./toast.js";

const STATUS_EVERY = 15000; // ms
const inAddress = () => decodeURIComponent(location.pathname.match(/^\/rooms\/([^/]+)/)?.[1] ?? "");

function show(number, { remember = true } = {}) {
  if (remember && number !== inAddress()) history.pushState(null, "", number ? `/rooms/${number}` : "/");
  store.open(number);
}

/** Without a room in the address the first one with people in it is shown, else the first. */
function chooseRoom() {
  if (store.state.open && (store.state.rooms.has(store.state.open) || inAddress())) return;
  const busy = new Set([...store.state.people.values()].map((person) => person.room));
  const order = [...store.state.rooms.keys()].sort((a, b) => busy.has(b) - busy.has(a) || compareNames(a, b));
  if (!order.length) return;
  history.replaceState(null, "", `/rooms/${order[0]}`);
  store.open(order[0]);
}

store.listen((changes) => {
  const { state } = store;
  if (state.loaded && (changes.all || changes.rooms)) {
    if (state.open && !state.rooms.has(state.open) && gone) {
      history.replaceState(null, "", "/");
      state.open = "";
    }
    gone = state.rooms.has(state.open);
    chooseRoom();
  }
  if (changes.all || changes.rooms || changes.set || changes.people.size) rooms.draw();
  if (changes.all || changes.status) status.draw();
  room.draw(changes);
});
let gone = false; // the room on show was there at the last look, so if it is missing now it was deleted

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-room]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link.dataset.room);
});
addEventListener("popstate", () => store.open(inAddress()));
$("new-room").addEventListener("click", () => newRoom((made) => {
  store.apply("room.changed", made);
  show(made.number);
}));

devices.start();
room.start();
status.start();
store.open(inAddress());
stream.start((notice) => {
  toast(status.noticeText(notice), { kind: notice.level === "info" ? "good" : "warn" });
  stream.refreshStatus();
});
setInterval(() => !document.hidden && store.state.server === "live" && stream.refreshStatus(), STATUS_EVERY);
