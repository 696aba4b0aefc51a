"""The truth read back from Asterisk: who is in a room or waits for it, which legs stand, who sends and sees what."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from panoramisk.message import Message

from mcu.asterisk import values
from mcu.asterisk.ami import Ami
from mcu.asterisk.refusals import refusal
from mcu.asterisk.translate import caller_number, text, variables
from mcu.core.events import Leg, Member, Snapshot
from mcu.core.picture.rates import choose_video
from mcu.errors import BadRequest, NotFound, RoomNotFound, Unavailable

# Ids of the channels that control dials begin so; those that Asterisk gives itself with its systemname, "mcu-17…".
DIALLED_ID = "mcu-dial-"
_UP = "6"  # ChannelState of an answered channel (AST_STATE_UP)
LOBBY = "mcu-lobby"  # the dialplan's context


class Taken(NamedTuple):
    seen: Snapshot
    unfinished: list[str]  # channels of legs that somebody began to dial and that are not up
    ringing: dict[str, str]  # participants by the ids of the channels that ring there
    registered: bool | None  # with the telephone network; None: not known yet, or there is none


async def take(ami: Ami, *, trunk: bool = False) -> Taken:
    """The snapshot, and what is being dialled. ``trunk``: there is one to register with.

    Asterisk answers list by list, so a member may come or go in between; the events of that time, taken in order after
    the snapshot, set it right. Raises AsteriskDown, TimedOut, or what a refused list means: half a truth is none.
    """
    channels, open_rooms, routes, started, registered = await asyncio.gather(
        _list(ami, "CoreShowChannels", item="CoreShowChannel"),
        _list(ami, "ConfbridgeListRooms"),
        _list(ami, "VideoRouterList", item="VideoRouterEntry"),
        _started(ami),
        _registered(ami) if trunk else asyncio.sleep(0),
    )
    lists = await asyncio.gather(*(_list(ami, "ConfbridgeList", text(room, "Conference")) for room in open_rooms))
    found = [member for members in lists for member in members if variables(member).get("MCU_KIND") == "terminal"]
    published, subscribed = _routes(routes, "publisher"), _routes(routes, "subscriber")
    members = await asyncio.gather(
        *(_member(ami, member, text(member, "Conference"), published, subscribed) for member in found)
    )
    lobby = [one for one in channels if text(one, "Context") == LOBBY and variables(one).get("MCU_KIND") == "terminal"]
    waiting = await asyncio.gather(
        *(_member(ami, one, variables(one).get("MCU_ROOM", ""), published, subscribed) for one in lobby)
    )
    legs, unfinished = _legs(channels, subscribed)
    ringing, called = _called(channels, {member.channel for member in (*members, *waiting)})
    locked = frozenset(text(room, "Conference") for room in open_rooms if text(room, "Locked") == "Yes")
    seen = Snapshot(
        members=tuple(members), waiting=tuple(waiting), legs=tuple(legs), locked=locked, started=started, called=called
    )
    return Taken(seen, unfinished, ringing, registered)


async def _registered(ami: Ami) -> bool | None:
    """Of the one registration there is. None before its first answer, and where Asterisk, started before the trunk was
    set up, knows no such thing: for that the calls that go on must not be lost sight of."""
    try:
        told = await _list(ami, "PJSIPShowRegistrationsOutbound", item="OutboundRegistrationDetail")
    except BadRequest:
        return None
    status = text(told[0], "Status") if told else ""
    return None if status in ("", "Unregistered") else status == "Registered"


async def _started(ami: Ami) -> str:
    """By which a restart is told from a link that was lost."""
    answer = await ami.action("CoreStatus", {})
    if not answer.success:
        raise refusal("CoreStatus", text(answer, "Message"))
    return f"{text(answer, 'CoreStartupDate')} {text(answer, 'CoreStartupTime')}".strip()


async def _list(ami: Ami, action: str, conference: str = "", item: str = "") -> list[Message]:
    """A list's items, events of the name ``item`` (default: the action's own).

    Asterisk answers with an error where nobody is in a conference, which is an empty list. Any other error is raised,
    for taken as empty it would send everybody out of core's rooms; so is a list that Asterisk broke off.
    """
    messages = await ami.list_action(action, {"Conference": conference} if conference else {})
    if text(messages[0], "Response") == "Error":
        fault = refusal(action, text(messages[0], "Message"))
        if isinstance(fault, RoomNotFound):
            return []
        raise fault
    if text(messages[-1], "EventList").lower() != "complete":
        raise Unavailable(f"{action}: Asterisk broke its answer off")
    return [message for message in messages if text(message, "Event") == (item or action)]


def _routes(entries: list[Message], role: str) -> dict[str, Message]:
    """The video router's entries of one role, by channel."""
    return {text(entry, "Channel"): entry for entry in entries if text(entry, "Role") == role}


async def _variable(ami: Ami, channel: str, name: str) -> str:
    """A variable or function of a channel's; empty without, or when the channel is gone."""
    answer = await ami.action("Getvar", {"Channel": channel, "Variable": name})
    if answer.success:
        return text(answer, "Value")
    fault = refusal("Getvar", text(answer, "Message"))
    if isinstance(fault, NotFound):
        return ""
    raise fault


async def _member(
    ami: Ami, item: Message, room: str, published: dict[str, Message], subscribed: dict[str, Message]
) -> Member:
    """``item``: of the room's list, or, of who waits in the lobby, of all channels'."""
    told = variables(item)
    channel = text(item, "Channel")
    asked = ["VIDEO_FMTP()", "MCU_DEVICE"]
    if values.by_gateway(channel):  # the gateway can tell more about it, by SIP's Call-ID; it may be a second picture
        asked += ["CHANNEL(pjsip,call-id)", "MCU_PRESENTS", "MCU_ENDPOINT"]
    answers = await asyncio.gather(*(_variable(ami, channel, name) for name in asked))
    video, device, call_id, presents, endpoint = [*answers, "", "", ""][:5]
    codec, fmtp = choose_video(video)
    return Member(
        participant=told.get("MCU_ID", ""),
        channel=channel,
        room=room,
        name=told.get("MCU_NAME", ""),
        number=caller_number(item),
        muted=text(item, "Muted") == "Yes",
        talking=text(item, "Talking") == "Yes",
        codec=codec,
        fmtp=fmtp,
        subscribed=text(subscribed[channel], "Key") if channel in subscribed else "",
        sends_picture=channel in published and text(published[channel], "Active") == "Yes",
        sends=text(published[channel], "Format") if channel in published else "",
        call_id=call_id,
        endpoint=endpoint,
        device=device,
        presents=presents,
        age=_seconds(text(item, "Duration")),
    )


def _seconds(duration: str) -> float:
    """ "01:02:03" of CoreShowChannels; 0 for anything else."""
    parts = duration.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return 0.0
    hours, minutes, seconds = map(int, parts)
    return hours * 3600.0 + minutes * 60.0 + seconds


def _called(channels: Iterable[Message], arrived: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Terminals that were called: the participants of those that ring, by their channels' ids, and the channels of all
    that have not ``arrived`` yet, by their participants."""
    ringing: dict[str, str] = {}
    called: dict[str, str] = {}
    for channel in channels:
        told, name, ident = variables(channel), text(channel, "Channel"), text(channel, "Uniqueid")
        if not ident.startswith(DIALLED_ID) or told.get("MCU_KIND") != "terminal":
            continue
        participant = told.get("MCU_ID", "")
        if text(channel, "ChannelState") != _UP:
            ringing[ident] = participant
        if name not in arrived:
            called[participant] = name
    return ringing, called


def _legs(channels: Iterable[Message], subscribed: Mapping[str, Message]) -> tuple[list[Leg], list[str]]:
    legs: list[Leg] = []
    unfinished: list[str] = []
    for channel in channels:
        told = variables(channel)
        name = text(channel, "Channel")
        of_core = told.get("MCU_KIND") in ("leg", "view", "slides")
        ours = of_core or (text(channel, "Uniqueid").startswith(DIALLED_ID) and told.get("MCU_KIND") != "terminal")
        if ours and text(channel, "ChannelState") != _UP:
            unfinished.append(name)
            continue
        if not of_core:
            continue
        key = text(subscribed[name], "Key") if name in subscribed else ""
        ident, mixer = told.get("MCU_ID", ""), told.get("MCU_MIXER", "")
        codec = told.get("MCU_CODEC", "")
        legs.append(Leg(kind=told["MCU_KIND"], ident=ident, channel=name, mixer=mixer, key=key, codec=codec))
    return legs, unfinished
