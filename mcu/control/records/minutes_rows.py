"""From rows to the minutes of a conference."""

from __future__ import annotations

from collections.abc import Mapping

from mcu.exchange.minutes import Happening, Minutes, Place, Stay, Verdict, lines_of
from mcu.models.story import Story
from mcu.models.tables import AuditRow, ConferenceSiteRow, SiteRow

# Acts by their names in the audit, where a change of what is ordered does not tell of them already. Rows of before
# 0.1.0 may have participant.mute, participant.mute_all, participant.kick and room.layout, which are acts now.
_ACTS = {
    "mute": "mute", "participant.mute": "mute", "mute_all": "mute_all", "participant.mute_all": "mute_all",
    "deafen": "deafen", "layout": "layout", "room.layout": "layout", "move": "move", "drop": "drop",
    "participant.kick": "drop", "drop_all": "drop_all", "admit": "admit", "refuse": "refuse", "rename": "rename",
    "view": "view", "browse": "browse", "panes": "panes", "undo": "undo", "end": "end", "call.all": "call_all",
}  # fmt: skip
# Notices of what an event tells, too: call.failed, and help.asked.
_TOLD_ALREADY = frozenset({"call_failed", "help"})
_DEEPEST = 32  # levels of the tree that a path shows


def minutes_of(told: Story, now: float, zone: str) -> Minutes:
    """``now``: seconds since the epoch, for one that is still on. ``zone``: where the planned meeting names none."""
    conference = told.conference
    ended_at = conference.ended_at.timestamp() if conference.ended_at else None
    until = ended_at if ended_at is not None else now
    stays = [
        Stay(
            participant=row.participant,
            name=row.name,
            number=row.number,
            joined_at=row.joined_at.timestamp(),
            left_at=max(row.joined_at.timestamp(), row.left_at.timestamp() if row.left_at else until),
            site=row.site_id if row.conference_site_id is None else -row.conference_site_id,
            terminal=row.terminal,
            kind=row.kind,
            quality=row.quality or {},
        )
        for row in told.stays
    ]
    names = {stay.participant: stay.name for stay in stays}
    return Minutes(
        id=conference.id,
        room=conference.room,
        name=conference.name,
        title=told.meeting.title if told.meeting else "",
        began_at=conference.began_at.timestamp(),
        ended_at=ended_at,
        zone=told.meeting.zone if told.meeting else zone,
        lines=lines_of(
            stays,
            _places(told),
            invited=[_key(row) for row in told.counts if row.position is not None],
            people={_key(row): row.people for row in told.counts if row.people is not None},
            marks={_key(row): row.mark for row in told.counts if row.mark},
        ),
        happenings=_happenings(told, names),
        test=conference.test,
        tests=tuple(
            Verdict(
                name=row.name,
                verdict=row.verdict,
                report=row.report,
                signed_by=row.signed_by,
                signed_at=row.signed_at.timestamp() if row.signed_at else None,
                note=row.note,
            )
            for row in told.tests
        ),
    )


def _happenings(told: Story, names: Mapping[str, str]) -> tuple[Happening, ...]:
    """Events in the order in which they were told, whatever the clock did, and between them acts that no event tells
    of. Who ordered these is for the audit, which fewer may read."""
    found: list[tuple[float, Happening]] = []
    latest = 0.0
    for row in told.events:
        if row.kind == "notice" and row.data.get("code") in _TOLD_ALREADY:
            continue
        latest = max(latest, row.at.timestamp())
        name = str(row.data.get("name") or names.get(row.participant, ""))
        found.append((latest, Happening(at=row.at.timestamp(), kind=row.kind, name=name, data=row.data)))
    for act in told.audit:
        kind = _ACTS.get(act.act)
        if kind is None or act.result != "ok":
            continue
        if kind == "mute_all" and act.detail.get("only"):
            kind = "mute"
        on = act.detail.get("on")
        if on is not None:
            kind += ".on" if on else ".off"
        at = act.at.timestamp()
        named = {"new" if key == "name" else key: value for key, value in act.detail.items()}  # as rename has it
        found.append((at, Happening(at=at, kind=f"act.{kind}", name=_whom(act, names, told.sites), data=named)))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def _whom(act: AuditRow, names: Mapping[str, str], sites: Mapping[int, SiteRow]) -> str:
    """The names of those whom an act was for; empty where they never were in, as who is turned away from the lobby."""
    if isinstance(only := act.detail.get("only"), list):
        return ", ".join(names[who] for who in only if who in names)
    site = act.detail.get("site")
    found = names.get(str(act.detail.get("viewer") or act.target), "")
    return found or (sites[site].name if isinstance(site, int) and site in sites else "")


def _key(row: ConferenceSiteRow) -> int:
    """The site's id; below 0 for one that was deleted since."""
    return -row.id if row.site_id is None else row.site_id


def _places(told: Story) -> dict[int, Place]:
    """As they were when the conference ended, as far as that is kept."""
    found = {site: _place(row, told.sites) for site, row in told.sites.items()}
    for row in told.counts:
        if row.usual is not None or row.site_id is None:
            now = found.get(_key(row))
            path = now.path if now else ""
            found[_key(row)] = Place(id=_key(row), name=row.name, path=path, usual=row.usual or 0)
    return found


def _place(row: SiteRow, sites: Mapping[int, SiteRow]) -> Place:
    above: list[str] = []
    parent = sites.get(row.parent_id or 0)
    while parent is not None and len(above) < _DEEPEST:
        above.insert(0, parent.name)
        parent = sites.get(parent.parent_id or 0)
    return Place(id=row.id, name=row.name, path=" / ".join(above), usual=row.people)
