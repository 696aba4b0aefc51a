"""Planned meetings, conferences that were, their minutes, and what was saved."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from .route import Asked, Route, ask
from .schemas.common import Page
from .schemas.meetings import (
    Cancellation,
    Conference,
    ConferenceDetail,
    ConferenceQuery,
    ConferencesQuery,
    Meeting,
    MeetingIn,
    MeetingPatch,
    MinutesQuery,
    MovedTime,
    PeopleIn,
    RoomQuery,
    SavingsQuery,
)
from .sites import file

_PLANNED, _HELD = "Meetings", "Conferences"
_ID = {"conference": "id"}
_LONG = 60.0  # s
_FILES = (
    "application/json",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/pdf",
)


def _calendar(asked: Asked) -> Response:
    told = ask("meeting.calendar", asked.path)
    return file({"name": f"meeting-{asked.path['id']}.ics", "mimetype": "text/calendar", "text": told["ics"]})


def _told(told: Any) -> Response:
    return file(told) if "content" in told or "text" in told else jsonify(told)


def _minutes(asked: Asked) -> Response:
    return _told(ask("conference.minutes", asked.everything, _LONG))


def _savings(asked: Asked) -> Response:
    return _told(ask("savings.report", asked.query, _LONG))


ROUTES = [
    Route(verb="GET", path="/meetings", call="meeting.list", tag=_PLANNED, query=RoomQuery, answer=Page[Meeting],
          summary="What is planned"),
    Route(verb="POST", path="/meetings", call="meeting.create", tag=_PLANNED, body=MeetingIn, answer=Meeting,
          status=201, errors=(404, 409), summary="Plan a meeting, once or repeated"),
    Route(verb="GET", path="/meetings/<id>", call="meeting.show", tag=_PLANNED, answer=Meeting,
          summary="One meeting, and the next times that it takes place"),
    Route(verb="PATCH", path="/meetings/<id>", call="meeting.change", tag=_PLANNED, body=MeetingPatch,
          answer=Meeting, nulls=("call_before",), errors=(409,), summary="Change what is given"),
    Route(verb="DELETE", path="/meetings/<id>", call="meeting.delete", tag=_PLANNED, status=204, errors=(409,),
          summary="Plan it no more"),
    Route(verb="POST", path="/meetings/<id>/cancellations", call="meeting.cancel_occurrence", tag=_PLANNED,
          body=Cancellation, answer=Meeting, errors=(409,), summary="Cancel one time that it takes place"),
    Route(verb="POST", path="/meetings/<id>/moves", call="meeting.move_occurrence", tag=_PLANNED,
          body=MovedTime, answer=Meeting, errors=(409,), summary="One time that it takes place begins at another"),
    Route(verb="GET", path="/meetings/<id>/calendar.ics", call="meeting.calendar", tag=_PLANNED,
          files=("text/calendar",), view=_calendar, summary="For people's calendars (RFC 5545)"),
    Route(verb="GET", path="/conferences", call="conference.list", tag=_HELD, query=ConferencesQuery,
          answer=Page[Conference], summary="Runs of rooms, the newest first"),
    Route(verb="GET", path="/conferences/<conference>", call="conference.show", tag=_HELD, names=_ID,
          query=ConferenceQuery, answer=ConferenceDetail, summary="One conference: who was there, and what happened"),
    Route(verb="PUT", path="/conferences/<conference>/people", call="conference.people", tag=_HELD, names=_ID,
          body=PeopleIn, status=204, nulls=("people",), summary="How many people sat at a site"),
    Route(verb="GET", path="/conferences/<conference>/minutes", call="conference.minutes", tag=_HELD, names=_ID,
          query=MinutesQuery, files=_FILES, view=_minutes, summary="Minutes with attendance"),
    Route(verb="GET", path="/savings", call="savings.report", tag=_HELD, query=SavingsQuery, files=_FILES,
          view=_savings, summary="Ways and money that conferences have saved"),
]  # fmt: skip
