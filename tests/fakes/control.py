"""A control process without a telephone switch: the real bus, rooms and participants in memory."""

from __future__ import annotations

import asyncio
import base64
import itertools
import threading
import time
from collections.abc import Callable, Coroutine
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from mcu import bus
from mcu.core.permissions import rule_of
from mcu.core.picture.layout import AUTO, parse
from mcu.core.roles import LOCAL, Actor, check
from mcu.errors import (
    BadRequest,
    Conflict,
    GatewayDown,
    MixerDown,
    NotFound,
    ParticipantNotFound,
    RoomExists,
    RoomNotFound,
)

T = TypeVar("T")
Tiles = list[tuple[float, float, float, float]]


_FILE = resources.files("mcu.core.picture") / "layouts.toml"
LAYOUTS: dict[str, Tiles] = {
    layout.name: [(r.x, r.y, r.w, r.h) for r in layout.tiles] for layout in parse(_FILE.read_text(), "layouts.toml")
}


class FakeControl:
    """Runs in a thread of its own; its methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[Actor] = []  # on whose behalf each call was made
        self.rooms: dict[str, dict[str, Any]] = {}
        self.pins: dict[str, str] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.stills: dict[str, bytes] = {}
        self.outgoing: dict[str, dict[str, Any]] = {}
        self.h323: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.asterisk_up = True
        self.mixer_up = True
        self.gateway: dict[str, Any] = {"enabled": True, "connected": True, "since": time.time()}
        self.terminals: list[dict[str, Any]] = []
        self.fault: Exception | None = None  # raised by every call, when set
        self.done: dict[str, list[tuple[int, tuple[str, dict[str, bool], dict[str, Any]]]]] = {}
        self._steps = itertools.count(1)
        self._seq = itertools.count(1)
        self._ids = itertools.count(1)
        self._server: bus.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-control", daemon=True)
        self._thread.start()

    def start(self) -> None:
        handlers = {
            name.removeprefix("on_").replace("_", ".", 1): self._wrap(name, getattr(self, name))
            for name in dir(self)
            if name.startswith("on_")
        }
        self._server = self._do(bus.serve(self.path, handlers))

    def stop(self) -> None:
        """The control process dies; its memory stays, as the real one reads it back from Asterisk."""
        if self._server is not None:
            self._do(self._server.stop())
            self._server = None

    def hang(self) -> threading.Event:
        """The process is there and its links stand, but nothing is answered until the event is set."""
        hung, go_on = threading.Event(), threading.Event()

        def wait() -> None:
            hung.set()
            go_on.wait(60)

        self._loop.call_soon_threadsafe(wait)
        assert hung.wait(120)
        return go_on

    def end(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=120)
        self._loop.close()

    # --- what happens in the rooms ---

    def add_room(self, number: str, name: str, layout: str = "auto", guests: bool = True) -> None:
        self.rooms[number] = {
            "number": number, "name": name, "layout": layout, "locked": False, "guests": guests, "since": None,
            "asks_pin": False,
        }  # fmt: skip

    def join(self, room: str, name: str, number: str = "", **more: Any) -> str:
        participant = f"{next(self._ids):08x}"
        person = {
            "id": participant, "room": room, "name": name, "number": number, "channel": f"PJSIP/{participant}",
            "muted": False, "talking": False, "picture": "none", "video": False, "codec": "", "view": "",
            "joined_at": time.time(), "kind": "guest",
        }  # fmt: skip
        self.people[participant] = person | more
        if self.rooms[room]["since"] is None:
            self.rooms[room]["since"] = time.time()
        self.tell("participant.joined", self.people[participant])
        self.tell("room.changed", self._room(room))
        return participant

    def change(self, participant: str, **what: Any) -> None:
        self.people[participant].update(what)
        self.tell("participant.changed", self.people[participant])

    def leave(self, participant: str) -> None:
        person = self.people.pop(participant)
        self.tell("participant.left", {"id": participant, "room": person["room"]})
        self.tell("room.changed", self._room(person["room"]))

    def notice(self, code: str, text: str = "", level: str = "warning", **data: Any) -> None:
        told = {"at": time.time(), "level": level, "code": code, "text": text or code, "data": data}
        self.notices.append(told)
        self.tell("notice", self.notices[-1])

    def tell(self, event: str, data: dict[str, Any]) -> None:
        if self._server is None:
            return
        server, copy = self._server, {**data, "seq": next(self._seq)}

        async def broadcast() -> None:
            server.broadcast(event, copy)

        self._do(broadcast())

    # --- the calls ---

    def on_status(self) -> dict[str, Any]:
        return {
            "version": "0.1.0",
            "asterisk": {"connected": self.asterisk_up, "version": "22.6.0", "since": time.time()},
            "mixer": {"connected": self.mixer_up, "run": "abcd", "since": time.time()},
            "h323": self.gateway,
            "control": {"since": time.time()},
            "rooms": len(self.rooms),
            "participants": len(self.people),
            "notices": self.notices[-20:],
        }

    def on_room_list(self) -> list[dict[str, Any]]:
        return [self._room(number) for number in sorted(self.rooms)]

    def on_room_show(self, number: str) -> dict[str, Any]:
        return {**self._room(number), "participants": self.on_participant_list(number)}

    def on_room_sites(self, number: str) -> dict[str, Any]:
        return {"number": self._room(number)["number"], "sites": []}

    def on_room_create(
        self, number: str, name: str, layout: str = "auto", guests: bool = True, pin: str = ""
    ) -> dict[str, Any]:
        if number in self.rooms:
            raise RoomExists(f"room {number} exists")
        self.add_room(number, name, self._layout(layout), guests)
        self._ask_pin(number, pin)
        self.tell("room.changed", self._room(number))
        return self._room(number)

    def on_room_delete(self, number: str) -> None:
        if people := self._room(number)["participants"]:
            raise Conflict(f"room {number} is in use by {people}; kick them first")
        del self.rooms[number]
        self.tell("room.removed", {"number": number})

    def on_room_change(self, number: str, **what: Any) -> dict[str, Any]:
        if not what:
            raise BadRequest("nothing to change")
        if "layout" in what:
            self._layout(what["layout"])
        if "pin" in what:
            self._ask_pin(number, what.pop("pin"))
        self._set(number, **what)
        return self._room(number)

    def on_room_pin(self, number: str) -> dict[str, str]:
        self._room(number)
        return {"pin": self.pins.get(number, "")}

    def _ask_pin(self, number: str, pin: str) -> None:
        self.pins[number] = pin
        self.rooms[number]["asks_pin"] = bool(pin)

    def on_room_direction(self, room: str) -> dict[str, Any]:
        self._room(room)
        return {"room": room, "conference": None, "mode": "free", "focus": "", "chair": "", "hands": [], "help": [],
                "roll_call": None, "views": {}, "browse": [], "panes": [], "mute_joiners": False,
                "presentation_locked": False, "banner": None, "lobby": [], "ends_at": None,
                "undo": self._done(room)[1], "undo_step": self._done(room)[0]}  # fmt: skip

    def on_room_act(self, room: str, act: str, **given: Any) -> dict[str, Any]:
        """Those of the roster and of the room as such. What each changed is kept until it is taken back."""
        self._room(room)
        people = {p["id"]: p["muted"] for p in self.on_participant_list(room)}
        before = (act, people, {key: self.rooms[room][key] for key in ("locked", "layout")})
        changed: list[str] = []
        match act:
            case "mute":
                self._person(room, given["participant"])
                changed = self._mute(dict.fromkeys([given["participant"]], given["on"]))
            case "mute_all":
                only = given.get("only") or people
                changed = self._mute({who: given["on"] for who in people if who in only})
            case "drop":
                self._person(room, given["participant"])
                self.leave(given["participant"])
            case "lock":
                self._set(room, locked=given["on"])
            case "layout":
                self._set(room, layout=self._layout(given["layout"]))
            case "undo":
                if given.get("step", 0) not in (0, self._done(room)[0]) or not self._done(room)[0]:
                    raise Conflict("something else has been done since")
                _, (_, muted, settings) = self.done[room].pop()
                changed = self._mute({who: on for who, on in muted.items() if who in self.people})
                self._set(room, **settings)
            case _:
                raise BadRequest(f"there is no act {act}")
        step = 0
        arranged = before[2] != {key: self.rooms[room][key] for key in before[2]}
        if people and act not in ("undo", "drop") and (changed or arranged):
            step = next(self._steps)
            self.done.setdefault(room, []).append((step, before))
        direction = self.on_room_direction(room)
        self.tell("direction.changed", direction)
        return {"act": act, "changed": changed, "step": step, "direction": direction}

    def _done(self, room: str) -> tuple[int, str]:
        """The latest act that can be taken back: its number, its name."""
        step, (act, *_) = self.done[room][-1] if self.done.get(room) else (0, ("",))
        return step, act

    def _mute(self, wanted: dict[str, bool]) -> list[str]:
        changed = [who for who, on in wanted.items() if self.people[who]["muted"] != on]
        for who in changed:
            self.change(who, muted=wanted[who])
        return changed

    def on_room_still(self, number: str, width: int) -> dict[str, Any]:
        self._room(number)
        if not self.mixer_up:
            raise MixerDown("the mixer is not running")
        if number not in self.stills:
            raise NotFound("no picture")
        return {"jpeg": base64.b64encode(self.stills[number]).decode(), "at": time.time()}

    def on_layout_list(self) -> list[dict[str, Any]]:
        return [{"name": AUTO, "tiles": []}, *({"name": name, "tiles": tiles} for name, tiles in LAYOUTS.items())]

    def on_participant_list(self, room: str | None = None) -> list[dict[str, Any]]:
        if room is not None:
            self._room(room)
        return [p for p in self.people.values() if room in (None, p["room"])]

    def on_terminal_list(self) -> list[dict[str, Any]]:
        return self.terminals

    def add_terminal(self, name: str, display: str, protocol: str = "h323", address: str = "") -> None:
        self.terminals.append({
            "name": name, "display": display, "protocol": protocol, "alias": "", "address": address,
            "kind": "known" if address else "registered", "endpoint": f"h-{name}", "overrides": {},
        })  # fmt: skip

    def on_call_dial(
        self, room: str, address: str = "", terminal: str = "", name: str = "", tries: int = 0
    ) -> dict[str, Any]:
        self._room(room)
        if terminal:
            known = next((t for t in self.terminals if t["name"] == terminal), None)
            if known is None:
                raise NotFound(f"there is no terminal {terminal}")
            name, address = name or known["display"], f"{known['protocol']}:{known['address'] or terminal}"
        under_way = [(c["room"], c["address"]) for c in self.outgoing.values() if c["state"] != "failed"]
        if (room, address) in under_way:
            raise Conflict(f"{name} is being called already")
        ident = f"{next(self._ids):08x}"
        self.outgoing[ident] = {
            "id": ident, "room": room, "name": name or terminal or address.partition(":")[2], "address": address,
            "protocol": address.partition(":")[0], "state": "dialling", "reason": "", "cause": 0, "failures": 0,
            "began_at": time.time(), "retry_at": None,
        }  # fmt: skip
        self.tell("call.changed", self.outgoing[ident])
        return self.outgoing[ident]

    def on_call_list(self, room: str | None = None) -> list[dict[str, Any]]:
        return [call for call in self.outgoing.values() if room in (None, call["room"])]

    def on_call_again(self, call: str) -> dict[str, Any]:
        if call not in self.outgoing:
            raise NotFound(f"there is no outgoing call {call}")
        self.outgoing[call]["state"] = "dialling"
        self.tell("call.changed", self.outgoing[call])
        return self.outgoing[call]

    def on_call_end(self, call: str) -> None:
        if call not in self.outgoing:
            raise NotFound(f"there is no outgoing call {call}")
        self.tell("call.changed", self.outgoing.pop(call) | {"state": "cleared"})

    def change_call(self, ident: str, **what: Any) -> None:
        """What becomes of an outgoing call; one that was answered is no longer listed."""
        call = self.outgoing[ident]
        call.update(what)
        if call["state"] == "answered":
            del self.outgoing[ident]
        self.tell("call.changed", call)

    def gateway_goes(self) -> None:
        self.gateway["connected"] = False
        self.notice("gateway_away", "The H.323 gateway is away")

    def gateway_comes(self) -> None:
        self.gateway["connected"] = True
        self.notice("gateway_back", "The H.323 gateway is back", level="info")

    def _need_gateway(self) -> None:
        if not self.gateway["connected"]:
            raise GatewayDown("the H.323 gateway is not running")

    def on_h323_status(self) -> dict[str, Any]:
        return {"calls": len(self.h323), "calls_in": 7, "calls_out": 2, "connections_refused": 3}

    def on_h323_calls(self) -> list[dict[str, Any]]:
        self._need_gateway()
        return self.h323

    def on_h323_call(self, tag: str) -> dict[str, Any]:
        self._need_gateway()
        for call in self.h323:
            if call["tag"] == tag:
                return call
        raise NotFound("no such H.323 call")

    def on_h323_registered(self) -> dict[str, Any]:
        self._need_gateway()
        one = {
            "terminal": "xa1", "aliases": ["2001", "xa1"], "address": "10.0.0.7:1720", "source": "10.0.0.7:1719",
            "product": "HDX 8000", "proved": "md5", "heard": 1.5, "calls": 1,
        }  # fmt: skip
        return {"endpoints": [one], "garbled": 0, "throttled": 0, "outside": {"address": "", "registered": False}}

    def on_h323_trace(self, on: bool, tag: str = "", address: str = "") -> None:
        if tag:
            self.on_h323_call(tag)["trace"] = on

    def on_h323_trace_get(self, tag: str) -> dict[str, Any]:
        self.on_h323_call(tag)
        return {"text": "0.000 <- setup\n", "pcap": base64.b64encode(b"\xd4\xc3\xb2\xa1").decode()}

    # --- inside ---

    def _room(self, number: str) -> dict[str, Any]:
        if number not in self.rooms:
            raise RoomNotFound(f"there is no room {number}")
        return {**self.rooms[number], "participants": sum(p["room"] == number for p in self.people.values())}

    def _set(self, number: str, **what: Any) -> None:
        self._room(number)
        self.rooms[number].update(what)
        self.tell("room.changed", self._room(number))

    def _layout(self, name: str) -> str:
        if name not in (AUTO, *LAYOUTS):
            raise BadRequest(f"there is no layout {name}")
        return name

    def _person(self, room: str, participant: str) -> None:
        if self.people.get(participant, {}).get("room") != room:
            raise ParticipantNotFound("there is no such participant")

    def _wrap(self, name: str, method: Callable[..., Any]) -> bus.Handler:
        async def handle(peer: bus.Peer, args: dict[str, Any]) -> Any:
            call = name.removeprefix("on_").replace("_", ".", 1)
            by = Actor.parse(args.pop("by")) if "by" in args else LOCAL
            rule = rule_of(call, args)
            assert rule is not None, f"{call} is not in the table of permissions"
            check(by, rule.scope)
            self.calls.append((call, args))
            self.asked.append(by)
            if self.fault is not None:
                raise self.fault
            try:
                return await asyncio.to_thread(method, **args)
            except TypeError as fault:
                raise BadRequest(str(fault)) from None

        return handle

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)
