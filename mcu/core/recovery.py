"""After a link was lost or is new: the truth is read back, and what differs is mended."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from mcu.core import adoption, arrivals, events, moves, outages, refusals, runs
from mcu.core import effects as do
from mcu.core.acts import site_tests
from mcu.core.dialling import redial
from mcu.core.entry import lobby
from mcu.core.lines import LineKey
from mcu.core.names import is_participant_id, participant_id, room_number
from mcu.core.picture import slides
from mcu.core.picture.view import room_of
from mcu.core.roster import PRESENTATION

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge


def switch_up(bridge: Bridge, event: events.SwitchUp) -> list[do.Effect]:
    """Asterisk is there (again): what it says is so; memory only adds what it cannot know, such as when one joined."""
    snapshot = event.snapshot
    first = not bridge.switch_seen
    returned = bridge.switch_seen and not bridge.links.switch
    bridge.links.switch = bridge.switch_seen = True
    bridge.forget_endings()
    out: list[do.Effect] = []

    members = {participant_id(m.participant, m.channel): m for m in snapshot.members if room_number(m.room)}
    before, lost, swept = len(bridge.participants()), 0, list[str]()
    lived = redial.lived(bridge, snapshot.started, members)
    earlier, bridge.links.switch_started = bridge.links.switch_started, snapshot.started
    if outages.another(earlier, snapshot.started):
        swept += _sweep_doors(bridge, members, event.at)
    there = {(p.room, p.id) for p in bridge.participants()} & {(m.room, ident) for ident, m in members.items()}
    emptied = {p.room for p in bridge.participants()} - {number for number, _ in there}
    for participant in bridge.participants():
        member = members.get(participant.id)
        if member is not None and member.room != participant.room and member.channel == participant.channel:
            out += moves.found(bridge, participant, member.room, event.at)
        elif member is None or member.room != participant.room:
            redial.leaves(bridge, participant, event.at)
            arrivals.swept(bridge, participant, event.at, all_of_them=not lived and participant.room in emptied)
            swept.append(participant.id)
            lost += 1
            out += bridge.remove(participant.id)
    in_use = {member.room for member in members.values()}
    for number in in_use:
        conference, locked = bridge.conference(number), number in snapshot.locked
        room, known_run = conference.room, earlier or conference.recorded.get("switch")
        if room.locked and outages.another(known_run, snapshot.started):
            continue  # the first who is seated locks it anew
        if room.locked != locked:
            room.locked = locked
            out.append(do.StoreLock(room=number, on=locked))
    # In order of joining where it is known, so that nobody's tile moves because control was restarted.
    order = {ident: place for place, ident in enumerate(bridge.memories)}
    for ident, member in sorted(members.items(), key=lambda m: order.get(m[0], len(order))):
        out += _take_member(bridge, ident, member, event.at, first=first)
    lost_meanwhile: list[str] = []
    for conference in bridge.conferences.values():
        lost_meanwhile += outages.returns(bridge, conference, snapshot.started, event.at)
        runs.resumed(conference, event.at)
        out += site_tests.owed(bridge, conference, event.at)
    # Whose last one left while control was away: a lock ends with that. One set on an empty room stays.
    for number in sorted({memory.room for memory in bridge.memories.values()} - in_use):
        expecting = number in bridge.conferences and bridge.conferences[number].awaiting
        if (left := bridge.rooms.get(number)) and left.locked and not expecting:
            left.locked = False
            out.append(do.StoreLock(room=number, on=False))
    bridge.memories.clear()
    out += lobby.found(bridge, snapshot.waiting, event.at)
    for number in bridge.rooms:
        bridge.touch(number)

    for conference in bridge.conferences.values():
        conference.lines.forget()
        conference.slides.lines.forget()
    # Slides first: who has them decides which views are taken.
    for leg in sorted(snapshot.legs, key=lambda leg: leg.kind != slides.KIND):
        out += _take_leg(bridge, leg, event.at)

    out += bridge.dial_out.seen(snapshot.called, event.at)
    out += redial.swept_away(bridge, swept, event.at, restarted=not lived)
    out += redial.swept_away(bridge, lost_meanwhile, event.at, restarted=True)
    if returned:
        text = "Asterisk is back"
        if lost:
            text += f", without {lost} of {before} calls"
        level, data = "warning" if lost else "info", {"lost": lost, "before": before}
        out.append(do.Notice(room="", level=level, code="asterisk_back", text=text, data=data))
    return [*out, do.Tell(room="", event="resync", data={})]


def _sweep_doors(bridge: Bridge, members: Container[str], at: float) -> list[str]:
    """Who stood at a door of a switch that was restarted does so no more. At the new one's some may stand already."""
    at_doors = [p for c in bridge.conferences.values() for p in c.entering.values() if p.id not in members]
    gone = [p for p in at_doors if p.entered_at <= bridge.links.switch_lost_at]
    for p in gone:
        redial.leaves(bridge, p, at)
        before = bridge.conferences.get(p.moved_from)
        if before is not None and p.id in before.awaiting and not bridge.dial_out.kept(p.id):
            before.expect(p.id, at + arrivals.RETURN_WITHIN)  # it calls again where it called first
        bridge.remove(p.id)
    return [p.id for p in gone]


def _take_member(bridge: Bridge, ident: str, member: events.Member, at: float, *, first: bool) -> list[do.Effect]:
    out: list[do.Effect] = []
    known = bridge.whereabouts(ident)
    participant = known[1] if known else adoption.adopt(bridge, member, ident, at)
    participant.channel, participant.muted = member.channel, member.muted
    if participant.talking != member.talking:
        participant.talking, participant.spoke_at = member.talking, at
    if known is None and is_participant_id(member.presents):
        participant.presents, participant.kind = member.presents, PRESENTATION
    if member.call_id:
        participant.call_id = member.call_id
    if member.codec:  # else what was told at the door holds, should the switch have been unable to tell
        participant.place(participant.room, member.codec, member.fmtp)
    participant.subscribed, participant.subscribe_at = member.subscribed, 0.0
    participant.dismissed = False  # what it was told may have been lost
    participant.sends_picture, participant.sends = member.sends_picture, member.sends
    if member.sends_picture:
        participant.began_at = participant.began_at or at
    if participant.rate_class and participant.picture == "none":
        participant.picture = "waiting"
    if known is None or not participant.joined_at:
        if known and known[0].number != member.room:  # it was on its way, and arrived elsewhere
            out += bridge.remove(ident)
        memory = bridge.memories.get(ident)
        conference = bridge.conference(member.room)
        if known is None and not participant.presents:
            arrivals.remember(conference, participant, memory)
            out += redial.found(bridge, participant, at)
        bridge.tell_device(participant)
        redial.moved(bridge, ident, member.room)
        moved = moves.arrived(bridge, participant, member.room)
        out += bridge.seat(participant, member.room, memory.joined_at if memory else None)
        # Whom control finds after its own restart has been here all the time, or came while modes held.
        known_before = first and (not conference.resumed or memory or ident in conference.direction.names())
        if not known_before:
            out += arrivals.joined(bridge, conference, participant, at, moved=moved)
    else:
        bridge.tell_device(participant)
        out += refusals.again(known[0], participant)
    return out


def _take_leg(bridge: Bridge, leg: events.Leg, at: float) -> list[do.Effect]:
    """Kept if it leads to the present mixer (or none has said hello yet) and somebody is there for it."""
    number, wanted = "", False
    known = bridge.whereabouts(leg.ident)
    if leg.kind == slides.KIND:
        channels = known[0].slides.found(leg, known[1], at) if known else [leg.channel]
        return [do.HangUp(room=known[0].number if known else "", channel=channel) for channel in channels]
    if leg.kind == "leg":
        number, wanted = (known[0].number, bool(known[1].rate_class)) if known else ("", False)
    elif leg.kind == "view":
        view, _, rate_class = leg.ident.partition("/")
        number = room_of(view)
        conference = bridge.conferences.get(number)
        wanted = conference is not None and conference.takes(view, rate_class, at)
    if not wanted or (bridge.links.mixer and leg.mixer != bridge.links.mixer):
        return [do.HangUp(room=number, channel=leg.channel)]
    surplus = bridge.conference(number).lines.found((leg.kind, leg.ident), leg.channel, leg.mixer, at, leg.codec)
    return [do.HangUp(room=number, channel=channel) for channel in surplus]


def switch_down(bridge: Bridge, event: events.SwitchDown) -> list[do.Effect]:
    if not bridge.links.switch:
        return []
    bridge.links.switch, bridge.links.switch_lost_at = False, event.at
    text, data = f"Asterisk is away: {event.reason}", {"reason": event.reason}
    return [do.Notice(room="", level="warning", code="asterisk_away", text=text, data=data)]


def trunk_told(bridge: Bridge, event: events.TrunkTold) -> list[do.Effect]:
    """Told once of each change; that it stands is no news where it never was away."""
    before, bridge.links.trunk = bridge.links.trunk, event.registered
    if before is event.registered or (before is None and event.registered):
        return []
    if event.registered:
        return [do.Notice(room="", level="info", code="trunk_back", text="The telephone line is registered again")]
    text = "The telephone line is not registered: telephones cannot be called, and cannot call"
    return [do.Notice(room="", level="warning", code="trunk_away", text=text)]


def mixer_up(bridge: Bridge, event: events.MixerUp) -> list[do.Effect]:
    """A mixer said hello: after a lost link with its calls as they were, after a restart with none."""
    new = event.mixer != bridge.last_mixer
    restarted = new and bool(bridge.last_mixer)
    replaced = new and bool(bridge.links.mixer)  # its forerunner's end was not noticed
    bridge.links.mixer = bridge.last_mixer = event.mixer
    out: list[do.Effect] = []
    listed: set[LineKey] = {("leg", ident) for ident in event.legs} | {("view", ident) for ident in event.views}
    for number, conference in bridge.conferences.items():
        bridge.touch(number)
        out += conference.mixer_came(event.mixer, listed, event.at)
        if replaced:
            _pictures_wait(bridge, number)
    if new:
        bridge.views_put.clear()
    strange = {ident.partition("/")[0] for ident in event.views} | bridge.views_put
    strange -= {view for conference in bridge.conferences.values() for view in conference.wanted_views}
    out += [do.DropView(room=room_of(view), view=view) for view in sorted(strange)]
    if restarted:
        out.append(do.Notice(room="", level="warning", code="mixer_restarted", text="The mixer was restarted"))
    return out


def mixer_down(bridge: Bridge, event: events.MixerDown) -> list[do.Effect]:
    """The link to the mixer is lost. Its calls are left alone: perhaps only the link went."""
    if event.mixer != bridge.links.mixer:
        return []  # an earlier run's link, noticed late
    bridge.links.mixer = ""
    for number in bridge.conferences:
        bridge.touch(number)
        _pictures_wait(bridge, number)
    return [do.Notice(room="", level="warning", code="mixer_away", text="The mixer is away; sound goes on")]


def _pictures_wait(bridge: Bridge, number: str) -> None:
    conference = bridge.conferences[number]
    for participant in conference.everyone():
        if participant.picture in ("live", "stalled"):
            participant.picture = "waiting"
            conference.changed(participant)
