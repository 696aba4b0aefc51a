"""Terminals that the MCU calls, and test sessions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictInt

from mcu.core.languages import Language

from .common import DialAddress, In, Out, RoomName, TerminalName, WholeId


class CallIn(In):
    site: WholeId | None = Field(None, description="a site: its terminals in their order, until one answers; or")
    terminal: TerminalName | None = Field(None, description="a known terminal; or")
    address: DialAddress | None = Field(
        None, description="sip:user@host, h323:host, h323:number, h323:number@host or tel:number"
    )
    name: RoomName | None = Field(None, description="in the meeting; without it the terminal's, or the address")
    tries: StrictInt = Field(0, ge=0, le=20, description="further attempts if it does not come")


class CallAllIn(In):
    who: Literal["all", "absent", "branch"] = "all"
    branch: WholeId | None = Field(None, description="the site at whose branch of the tree `who` looks")
    tries: StrictInt = Field(0, ge=0, le=20)


class Call(Out):
    id: str = Field(description="the participant's, once it answers")
    room: str
    name: str
    address: str
    protocol: str
    state: Literal["queued", "dialling", "waiting", "failed"]
    reason: str = Field(
        "", description="busy, no_answer, unreachable, refused, not_found, codec or failed; of the last attempt"
    )
    cause: int = Field(0, description="of the last attempt, ITU-T Q.850; 0: none yet")
    failures: int = 0
    began_at: float | None = None
    retry_at: float | None = Field(None, description="next attempt, seconds since the epoch, while waiting")
    site: int | None = None
    terminal: str = Field("", description="the account that is called; of a site they are tried one after the other")
    lost: bool = Field(False, description="it was there, its call broke, and it is called again")


class Skipped(Out):
    site: int | None = None
    reason: str


class CallsMade(Out):
    calls: list[Call]
    skipped: list[Skipped]


class CallsEnded(Out):
    ended: list[str] = Field([])


class TestIn(In):
    sites: list[WholeId] | None = Field(None, max_length=1000, description="without it the invited ones")


class TestSignature(In):
    site: WholeId
    note: str = Field("", max_length=256)


class TestReportQuery(In):
    language: Language = Field("en", description="of what was found")


class TestReport(Out):
    room: str = ""
    conference: str | None = None
    running: bool = Field(False, description="whether it is still going on")
    sites: list[dict[str, Any]] = Field([])
