"""Planned meetings, and conferences that were."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from mcu.core.languages import Language

from .common import In, Moment, Out, PageQuery, RoomNumber, WholeId

Wall = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,48}$")]
_TITLE = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class MeetingIn(In):
    room: RoomNumber
    title: _TITLE
    begins: Wall = Field(description="by the clock on the wall in `zone`: 2026-11-30T08:00")
    minutes: StrictInt = Field(60, ge=1, le=1440)
    zone: Zone = Field("Asia/Ho_Chi_Minh", description="IANA time zone")
    rrule: str = Field("", max_length=256, description="RFC 5545 3.3.10; empty: once")
    call_before: StrictInt | None = Field(None, ge=0, le=1440, description="minutes; null: nobody is called")
    warn_before: StrictInt | None = Field(None, ge=0, le=240, description="minutes before the end")
    ends: StrictBool | None = Field(None, description="whether everybody is disconnected at the end")


class MeetingPatch(In):
    room: RoomNumber | None = None
    title: _TITLE | None = None
    begins: Wall | None = None
    minutes: StrictInt | None = Field(None, ge=1, le=1440)
    zone: Zone | None = None
    rrule: str | None = Field(None, max_length=256)
    call_before: StrictInt | None = Field(None, ge=0, le=1440)
    warn_before: StrictInt | None = Field(None, ge=0, le=240)
    ends: StrictBool | None = None


class Cancellation(In):
    begins: Wall = Field(description="of the time that is cancelled, by the wall clock in the meeting's zone")


class MovedTime(In):
    begins: Wall = Field(description="when it was to begin")
    to: Wall = Field(description="when it begins instead")
    minutes: StrictInt | None = Field(None, ge=1, le=1440)


class Meeting(Out):
    id: int
    room: str
    title: str
    begins: str
    zone: str
    minutes: int
    rrule: str = ""
    exdates: list[str] = Field([], description="times at which it does not take place")
    call_before: int | None = Field(None, description="minutes before the begin; null: its sites are not called")
    warn_before: int = Field(10, description="minutes before the end")
    ends: bool = Field(False, description="whether everybody is disconnected at the end")
    uid: str = Field("", description="of the calendar's entry (RFC 5545 3.8.4.7)")
    sequence: int = Field(0, description="how often it was changed (RFC 5545 3.8.7.4)")
    created_by: str = ""
    created_at: float | None = None
    next: dict[str, Any] | None = Field(None, description="the next time that it takes place")
    occurrences: list[dict[str, Any]] = Field([], description="the next times; only of one meeting")
    warnings: list[dict[str, Any]] = Field([], description="who else wants the room then; only of one meeting")


class RoomQuery(PageQuery):
    room: RoomNumber | None = None


class ConferencesQuery(RoomQuery):
    since: Moment | None = None
    before: Moment | None = None


class _ConferenceFields(Out):
    id: str
    room: str
    name: str
    title: str = Field("", description="of the planned meeting that it was")
    began_at: float
    ended_at: float | None = None
    test: bool = Field(False, description="whether it was a test session")


class Conference(_ConferenceFields):
    sites: int = Field(0, description="how many were there, and terminals of none")
    people: int = Field(0, description="who sat there, as far as it was entered")


class ConferenceDetail(_ConferenceFields):
    zone: str = Field("", description="of its times in minutes")
    present: int = Field(0, description="sites that were there")
    absent: int = Field(0, description="invited sites that were not")
    people: int = Field(0, description="who sat there, as far as it was entered")
    sites: list[dict[str, Any]] = Field([], description="who was there, and when")
    events: list[dict[str, Any]] = Field([], description="the last ones")
    tests: list[dict[str, Any]] = Field([], description="what the test session found at each site")


class PeopleIn(In):
    site: WholeId
    people: StrictInt | None = Field(ge=0, le=100_000, description="who sit there; null: not known")


class ConferenceQuery(In):
    language: Language | None = Field(None, description="of what happened; without it the installation's")


class MinutesQuery(In):
    format: Literal["json", "csv", "xlsx", "pdf"] = "json"
    language: Language | None = Field(None, description="without it the installation's")


class SavingsQuery(In):
    since: Moment
    until: Moment
    branch: int | None = Field(None, ge=1, le=2**31 - 1, description="of this site and all under it; without it all")
    format: Literal["json", "csv", "xlsx", "pdf"] = "json"
    language: Language | None = Field(None, description="without it the installation's")
