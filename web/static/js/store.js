// What this page knows. Events and answers go in; views hear, at most once a frame, what has changed.
const listeners = new Set();
let pending = null;

export const state = {
  loaded: false,
  server: "connecting", // "connecting", "live", "lost"
  control: true,
  status: null,
  layouts: [],
  calls: new Map(), // outgoing ones by id
  rooms: new Map(), // by number
  people: new Map(), // by participant id
  directions: new Map(), // how a room's meeting is run, by its number; read when it is first shown
  open: "", // number of the room on show
};

/** `listener(changes)`; changes: {all, rooms, status, calls, direction, people: Set of ids, set: whether somebody came or went}. */
export function listen(listener) {
  listeners.add(listener);
}

function note(kind, id) {
  if (!pending) {
    pending = { all: false, rooms: false, status: false, calls: false, direction: false, set: false, people: new Set() };
    // A hidden page gets no frames, yet must not pile up changes.
    document.hidden ? setTimeout(flush) : requestAnimationFrame(flush);
  }
  if (id !== undefined) pending.people.add(id);
  pending[kind] = kind === "people" ? pending.people : true;
}

function flush() {
  const changes = pending;
  pending = null;
  for (const listener of listeners) listener(changes);
}

/** The whole state, read anew. */
export function replace({ status, rooms, people, layouts, calls }) {
  state.status = status;
  state.layouts = layouts;
  state.rooms = new Map(rooms.map((room) => [room.number, room]));
  state.people = new Map(people.map((person) => [person.id, person]));
  state.calls = new Map(calls.map((call) => [call.id, call]));
  state.directions.clear();
  state.loaded = true;
  state.control = true;
  note("all");
}

/** A room's direction, whole: out of an event or an answer. */
export function setDirection(direction) {
  state.directions.set(direction.room, direction);
  note("direction");
}

export function setStatus(status) {
  state.status = status;
  note("status");
}

export function setLink(server, control = state.control) {
  if (state.server === server && state.control === control) return;
  state.server = server;
  state.control = control;
  note("status");
}

export function open(number) {
  state.open = number;
  note("all");
}

/** One event of the stream; a change is merged into what is known (RFC 7396 without deletion). */
export function apply(event, data) {
  switch (event) {
    case "room.changed":
      state.rooms.set(data.number, { ...state.rooms.get(data.number), ...data });
      return note("rooms");
    case "room.removed":
      state.rooms.delete(data.number);
      state.directions.delete(data.number);
      for (const [id, person] of state.people) if (person.room === data.number) state.people.delete(id);
      note("set");
      return note("rooms");
    case "participant.joined":
    case "participant.changed": {
      const before = state.people.get(data.id);
      const after = { ...before, ...data };
      state.people.set(data.id, after);
      if (!before || before.room !== after.room) note("set");
      return note("people", data.id);
    }
    case "participant.left":
      if (state.people.delete(data.id)) note("set");
      return note("people", data.id);
    case "call.changed":
      if (data.state === "answered" || data.state === "cleared") state.calls.delete(data.id);
      else state.calls.set(data.id, data);
      return note("calls");
    case "direction.changed":
      return setDirection(data);
    case "notice":
      if (state.status) state.status.notices = [...(state.status.notices ?? []), data].slice(-50);
      return note("status");
    case "control":
      return setLink(state.server, data.connected);
  }
}

export function peopleIn(number) {
  return [...state.people.values()].filter((person) => person.room === number);
}

/** Those of them who are sites; a presentation is a second picture of one. */
export const sites = (people) => people.filter((person) => !person.presents);

export function callsTo(number) {
  return [...state.calls.values()].filter((call) => call.room === number);
}
