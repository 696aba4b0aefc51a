"""The truth read back from Asterisk: who is in which room, which legs stand, who sends and sees what."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from panoramisk.message import Message

from mcu.asterisk.ami import Ami
from mcu.asterisk.refusals import refusal
from mcu.asterisk.translate import caller_number, text, variables
from mcu.core.events import Leg, Member, Snapshot
from mcu.core.rates import choose_video
from mcu.errors import NotFound, RoomNotFound, Unavailable

# Ids of the channels that control dials begin so; those that Asterisk gives itself with its systemname, "mcu-17…".
DIALLED_ID = "mcu-dial-"
_UP = "6"  # ChannelState of an answered channel (AST_STATE_UP)


async def take(ami: Ami) -> tuple[Snapshot, list[str]]:
    """The snapshot, and the names of channels that somebody began to dial and that are not up.

    Asterisk answers list by list, so a member may come or go in between; the events of that time, taken in order after
    the snapshot, set it right. Raises AsteriskDown, TimedOut, or what a refused list means: half a truth is none.
    """
    channels, open_rooms, routes = await asyncio.gather(
        _list(ami, "CoreShowChannels", item="CoreShowChannel"),
        _list(ami, "ConfbridgeListRooms"),
        _list(ami, "VideoRouterList", item="VideoRouterEntry"),
    )
    lists = await asyncio.gather(*(_list(ami, "ConfbridgeList", text(room, "Conference")) for room in open_rooms))
    found = [member for members in lists for member in members if variables(member).get("MCU_KIND") == "terminal"]
    video = await asyncio.gather(*(_video_of(ami, text(member, "Channel")) for member in found))
    call_ids = await asyncio.gather(*(_call_id_of(ami, text(member, "Channel")) for member in found))
    devices = await asyncio.gather(*(_variable(ami, text(member, "Channel"), "MCU_DEVICE") for member in found))
    owners = await asyncio.gather(*(_owner_of(ami, text(member, "Channel")) for member in found))
    published = _routes(routes, "publisher")
    subscribed = _routes(routes, "subscriber")
    members = [
        replace(_member(member, picture, published, subscribed), call_id=call_id, device=device, presents=presents)
        for member, picture, call_id, device, presents in zip(found, video, call_ids, devices, owners, strict=True)
    ]
    legs, unfinished = _legs(channels)
    locked = frozenset(text(room, "Conference") for room in open_rooms if text(room, "Locked") == "Yes")
    return Snapshot(members=tuple(members), legs=tuple(legs), locked=locked), unfinished


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


async def _video_of(ami: Ami, channel: str) -> str:
    """What video a channel has negotiated: "h264 profile-level-id=…;…", empty without (or when it is gone)."""
    return await _variable(ami, channel, "VIDEO_FMTP()")


async def _call_id_of(ami: Ami, channel: str) -> str:
    """SIP's Call-ID of a call that came by the H.323 gateway, which can tell more about it; empty for any other."""
    return await _variable(ami, channel, "CHANNEL(pjsip,call-id)") if channel.startswith("PJSIP/h323-") else ""


async def _owner_of(ami: Ami, channel: str) -> str:
    """Whose second picture a channel of the H.323 gateway brings; empty for any other."""
    return await _variable(ami, channel, "MCU_PRESENTS") if channel.startswith("PJSIP/h323-") else ""


async def _variable(ami: Ami, channel: str, name: str) -> str:
    answer = await ami.action("Getvar", {"Channel": channel, "Variable": name})
    if answer.success:
        return text(answer, "Value")
    fault = refusal("Getvar", text(answer, "Message"))
    if isinstance(fault, NotFound):
        return ""
    raise fault


def _member(item: Message, video: str, published: dict[str, Message], subscribed: dict[str, Message]) -> Member:
    told = variables(item)
    channel = text(item, "Channel")
    codec, fmtp = choose_video(video)
    return Member(
        participant=told.get("MCU_ID", ""),
        channel=channel,
        room=text(item, "Conference"),
        name=told.get("MCU_NAME", ""),
        number=caller_number(item),
        muted=text(item, "Muted") == "Yes",
        talking=text(item, "Talking") == "Yes",
        codec=codec,
        fmtp=fmtp,
        subscribed=text(subscribed[channel], "Key") if channel in subscribed else "",
        sends_picture=channel in published and text(published[channel], "Active") == "Yes",
    )


def _legs(channels: Iterable[Message]) -> tuple[list[Leg], list[str]]:
    legs: list[Leg] = []
    unfinished: list[str] = []
    for channel in channels:
        told = variables(channel)
        name = text(channel, "Channel")
        of_mixer = told.get("MCU_KIND") in ("leg", "view")
        ours = of_mixer or text(channel, "Uniqueid").startswith(DIALLED_ID)
        if ours and text(channel, "ChannelState") != _UP:
            unfinished.append(name)
            continue
        if not of_mixer:
            continue
        legs.append(
            Leg(kind=told["MCU_KIND"], ident=told.get("MCU_ID", ""), channel=name, mixer=told.get("MCU_MIXER", ""))
        )
    return legs, unfinished
