"""The tree of sites and the terminals that stand there."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from mcu.core.directory.sites import MOST_POSITION
from mcu.core.languages import Language

from .common import In, Out, PageQuery, RoomName, TerminalName, WholeId

Protocol = Literal["sip", "h323", "browser", "phone"]
Format = Literal["csv", "xlsx"]
Number = StrictInt | StrictFloat


class _SiteFields(In):
    code: str | None = Field(None, max_length=32, description="official code, by which files name it")
    position: StrictInt | None = Field(None, ge=0, le=MOST_POSITION, description="among its siblings")
    people: StrictInt | None = Field(None, ge=0, le=100_000, description="who usually sit there")
    distance_km: Number | None = Field(None, ge=0, le=20_000, description="to where the meeting would be without us")
    latitude: Number | None = Field(None, ge=-90, le=90)
    longitude: Number | None = Field(None, ge=-180, le=180)
    note: str | None = Field(None, max_length=256)


class SiteIn(_SiteFields):
    name: RoomName
    parent: WholeId | None = None


class SitePatch(_SiteFields):
    name: RoomName | None = None


class SiteMove(In):
    parent: WholeId | None = Field(description="null: to the top")
    position: StrictInt | None = Field(None, ge=0, le=MOST_POSITION)


class SitesQuery(PageQuery):
    search: str | None = Field(None, max_length=200, description="words of name, code or the sites above")
    under: int | None = Field(None, ge=1, le=2**31 - 1, description="only this site's branch")


class SiteDeletion(In):
    branch: bool = Field(False, description="all under it, too")


class Site(Out):
    id: int
    name: str
    parent: int | None = None
    path: list[str] = Field([], description="names of the sites above, from the top")
    code: str = ""
    position: int = 0
    people: int = 0
    distance_km: float = 0
    latitude: float | None = None
    longitude: float | None = None
    note: str = ""
    sites: int = Field(0, description="how many are right under it")
    terminals: list[str] = Field([])


class Deleted(Out):
    deleted: int


class SheetIn(In):
    text: str = Field(min_length=1, description="the file: a CSV as it is (UTF-8), an XLSX in base64")
    format: Format = "csv"
    dry_run: StrictBool = Field(False, description="tell what is wrong and what would be done; do nothing")
    language: Language | None = Field(
        None, description="of the faults, and of set-up sheets; without it the installation's"
    )


class RolloutIn(SheetIn):
    numbers: str = Field("", max_length=24, description="to give out, 2001-2999; empty: 2001 and on")
    server: str = Field(
        "", max_length=253, description="address that the set-up sheets tell terminals to register with"
    )


class Imported(Out):
    language: Language | None = Field(None, description="of the faults' texts")
    faults: list[dict[str, Any]] = Field([], description="line, column, text")
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    unlisted: list[str] = Field([], description="paths of new sites that no line of the file is about")


class RolledOut(Imported):
    sheets: list[dict[str, str]] | None = Field(
        [], description="name, mimetype, content in base64: with passwords; null in the answer to a repeated request"
    )


class FormatQuery(In):
    format: Format = "csv"
    language: Language | None = Field(None, description="of the headings; without it the installation's")


class TerminalsQuery(In):
    site: int | None = Field(None, ge=1, le=2**31 - 1)


class _TerminalFields(In):
    display: RoomName | None = Field(None, description="what people see; without it the name")
    password: str | None = Field(None, min_length=1, max_length=128)
    address: str | None = Field(None, max_length=64, description="where it is known by: an address or a network")
    alias: str | None = Field(None, max_length=16, description="E.164 number")
    overrides: dict[str, Any] | None = Field(None, max_length=32)
    site: WholeId | None = None
    position: StrictInt | None = Field(None, ge=0, le=MOST_POSITION)
    preset: str | None = Field(None, max_length=32, description="a known device: see /presets")


class TerminalIn(_TerminalFields):
    name: TerminalName
    protocol: Protocol = "sip"


class TerminalPatch(_TerminalFields):
    pass


class Terminal(Out):
    name: str
    display: str
    protocol: Protocol
    alias: str = ""
    address: str = ""
    kind: str = Field("", description="registered (by a password), known (by its address) or named (by its alias)")
    endpoint: str = Field("", description="Asterisk's name of it")
    overrides: dict[str, Any] = Field({}, description="what it needs unlike others")
    site: int | None = None
    position: int = Field(0, description="among the terminals of its site; they are called in this order")
    preset: str = ""


class TerminalMade(Terminal):
    password: str | None = Field(None, description="if it was made here; told this once")


class Preset(Out):
    name: str
    title: str = Field("", description="maker and model")
    protocols: list[Protocol] = Field([])
    overrides: dict[str, Any] = Field({}, description="what it needs unlike others")
    notes: dict[str, str] = Field({}, description="by language, what to set on it")
