"""What is seen where: layout and panes, who watches whom, what turns, and text over the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mcu.core.acts import schema
from mcu.core.acts.draft import Draft
from mcu.core.acts.floor import WHO
from mcu.core.acts.schema import Argument
from mcu.core.direction import Banner, PaneRule, Turning
from mcu.core.picture.views import Views
from mcu.errors import BadRequest

Arguments = dict[str, Any]
_VIEWER = Argument(kind="participant", help="who alone sees it")
_VIEWER_OR_ALL = Argument(kind="participant", help="who alone sees it; null: the common picture", null=True)
_SECONDS = Argument(kind="number", help="for each", default=10.0, least=2.0, most=3600.0)
_LONGEST_RANK = 64


def layout(meeting: Draft, a: Arguments) -> None:
    meeting.layout = meeting.bridge.catalogue.check(a["layout"])


def view(meeting: Draft, a: Arguments) -> None:
    """One viewer alone sees one site; None: what all see."""
    viewer = meeting.person(a["viewer"]).id
    views = {who: seen for who, seen in meeting.direction.views.items() if who != viewer}
    browse = {who: turning for who, turning in meeting.direction.browse.items() if who != viewer}
    if a["participant"] is not None:
        _own_picture(meeting, viewer)
        views[viewer] = meeting.person(a["participant"]).id
    meeting.set(views=views, browse=browse)


def browse(meeting: Draft, a: Arguments) -> None:
    """The sites in turn, for one viewer or in the common picture."""
    viewer = "" if a["viewer"] is None else meeting.person(a["viewer"]).id
    shown = tuple(meeting.person(one).id for one in a["participants"] or ())
    turning = Turning(participants=shown, seconds=a["seconds"], since=meeting.at)
    if viewer:
        _own_picture(meeting, viewer)
    views = {who: seen for who, seen in meeting.direction.views.items() if who != viewer}
    meeting.set(views=views, browse={**meeting.direction.browse, viewer: turning})


def stop_browse(meeting: Draft, a: Arguments) -> None:
    viewer = "" if a["viewer"] is None else meeting.person(a["viewer"]).id
    meeting.set(browse={who: turning for who, turning in meeting.direction.browse.items() if who != viewer})


def panes(meeting: Draft, a: Arguments) -> None:
    """What fills each pane of the layout; none: automatic."""
    meeting.set(panes=tuple(_rule(meeting, rule) for rule in a["rules"]))


def _rule(meeting: Draft, given: Mapping[str, Any]) -> PaneRule:
    shows: Literal["auto", "participant", "loudest", "turning", "presentation", "blank"]
    match given.get("show"):
        case "participant":
            who = schema.check_all("participant", {"show": _SHOW, "participant": WHO}, given)["participant"]
            return PaneRule(show="participant", participant=meeting.person(who).id)
        case "loudest":
            rank = schema.check_all("loudest", {"show": _SHOW, "rank": _RANK}, given)["rank"]
            return PaneRule(show="loudest", rank=rank)
        case "turning":
            told = {"show": _SHOW, "participants": _THESE, "seconds": _SECONDS}
            checked = schema.check_all("turning", told, given)
            shown = tuple(meeting.person(one).id for one in checked["participants"] or ())
            turning = Turning(participants=shown, seconds=checked["seconds"], since=meeting.at)
            return PaneRule(show="turning", turning=turning)
        case "auto" | "presentation" | "blank" as shows:
            schema.check_all(shows, {"show": _SHOW}, given)
            return PaneRule(show=shows)
        case _:
            raise BadRequest(f"a pane's rule must have show, one of {', '.join(_SHOWS)}")


def banner(meeting: Draft, a: Arguments) -> None:
    """Text over the picture, for all or one; an empty one ends it."""
    until = meeting.at + a["seconds"] if a["seconds"] is not None else None
    text = Banner(text=a["text"], scroll=a["scroll"], until=until) if a["text"] else None
    if a["participant"] is None:
        meeting.set(banner=text)
        return
    who = meeting.person(a["participant"]).id
    others = {one: b for one, b in meeting.direction.banners.items() if one != who}
    if text:
        _own_picture(meeting, who)
    meeting.set(banners={**others, who: text} if text else others)


def _own_picture(meeting: Draft, viewer: str) -> None:
    """Raises Conflict when no more of the room may have one."""
    Views.room_for_one_more(meeting.direction, viewer, meeting.bridge.fullness.limits.personal)


_SHOWS = ("auto", "participant", "loudest", "turning", "presentation", "blank")
_SHOW = Argument(kind="choice", help="what the pane shows", choices=_SHOWS)
_RANK = Argument(kind="whole", help="1: who spoke last", default=1, least=1, most=_LONGEST_RANK)
_THESE = Argument(kind="participants", help="these in turn; none: everybody else", default=None, null=True)

ACTS = {
    "layout": (layout, {"layout": Argument(kind="layout", help="a layout's name, or auto")}),
    "view": (
        view,
        {
            "viewer": _VIEWER,
            "participant": Argument(kind="participant", help="who is seen; null: what all see", null=True),
        },
    ),
    "browse": (browse, {"viewer": _VIEWER_OR_ALL, "participants": _THESE, "seconds": _SECONDS}),
    "stop_browse": (stop_browse, {"viewer": _VIEWER_OR_ALL}),
    "panes": (panes, {"rules": Argument(kind="rules", help="a rule for each pane of the layout; none: automatic")}),
    "banner": (
        banner,
        {
            "text": Argument(kind="text", help="what is shown; empty: it ends"),
            "participant": Argument(kind="participant", help="who alone sees it", default=None, null=True),
            "scroll": Argument(kind="flag", help="whether it moves", default=False),
            "seconds": Argument(
                kind="number", help="how long; null: until it is ended", default=None, null=True, least=1, most=86400
            ),
        },
    ),
}
