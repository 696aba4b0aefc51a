"""The tree of sites, the terminals that stand there, and files of both."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from flask import Response

from .route import Asked, Route, ask
from .schemas.common import Page
from .schemas.sites import (
    Deleted,
    FormatQuery,
    Imported,
    Preset,
    RolledOut,
    RolloutIn,
    SheetIn,
    Site,
    SiteDeletion,
    SiteIn,
    SiteMove,
    SitePatch,
    SitesQuery,
    Terminal,
    TerminalIn,
    TerminalMade,
    TerminalPatch,
    TerminalsQuery,
)

_SITES, _TERMINALS = "Sites", "Terminals"
_LARGEST = 6 * 1024 * 1024  # octets; the bus takes lines of 8 MiB
_LONG = 120.0  # s
_VERY_LONG = 600.0  # s; a page is drawn for each site
_FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def file(told: dict[str, Any]) -> Response:
    """A file as the bus tells it: name, mimetype, and content in base64 or text."""
    octets = b64decode(told["content"]) if "content" in told else str(told.get("text", "")).encode()
    response = Response(octets, mimetype=str(told.get("mimetype", "application/octet-stream")))
    name = "".join(c for c in str(told.get("name", "file")) if c.isascii() and (c.isalnum() or c in "._-"))
    response.headers["Content-Disposition"] = f'attachment; filename="{name or "file"}"'
    return response


def _export(asked: Asked) -> Response:
    return file(ask("site.export", asked.query, _LONG))


ROUTES = [
    Route(verb="GET", path="/sites", call="site.list", tag=_SITES, query=SitesQuery, answer=Page[Site],
          summary="The tree as one reads it: each site before those under it"),
    Route(verb="POST", path="/sites", call="site.create", tag=_SITES, body=SiteIn, answer=Site, status=201,
          errors=(404, 409), summary="Add a site"),
    Route(verb="POST", path="/sites/import", call="site.import", tag=_SITES, body=SheetIn, answer=Imported,
          largest=_LARGEST, seconds=_LONG, errors=(409,),
          summary="Sites and terminals from a sheet, all or nothing; a dry run tells every fault by its line"),
    Route(verb="POST", path="/sites/rollout", call="site.rollout", tag=_SITES, body=RolloutIn, answer=RolledOut,
          largest=_LARGEST, seconds=_VERY_LONG, errors=(409,),
          summary="As an import; accounts, passwords and numbers are made where the sheet has none, and set-up sheets"),
    Route(verb="GET", path="/sites/export", call="site.export", tag=_SITES, query=FormatQuery, files=_FILES,
          view=_export, summary="Sites and terminals as a sheet"),
    Route(verb="GET", path="/sites/<id>", call="site.show", tag=_SITES, answer=Site, summary="One site"),
    Route(verb="PATCH", path="/sites/<id>", call="site.change", tag=_SITES, body=SitePatch, answer=Site,
          errors=(409,), summary="Change what is given"),
    Route(verb="POST", path="/sites/<id>/move", call="site.move", tag=_SITES, body=SiteMove, answer=Site,
          nulls=("parent",),
          errors=(409,), summary="Put a site, with all under it, under another one"),
    Route(verb="DELETE", path="/sites/<id>", call="site.delete", tag=_SITES, query=SiteDeletion, answer=Deleted,
          errors=(409,),
          summary="Delete a site; 409 while rooms or accounts are of it, or sites are under it, unless `branch`"),
    Route(verb="GET", path="/terminals", call="terminal.list", tag=_TERMINALS, query=TerminalsQuery,
          answer=list[Terminal], summary="The terminals that have an account, without their passwords"),
    Route(verb="POST", path="/terminals", call="terminal.create", tag=_TERMINALS, body=TerminalIn,
          answer=TerminalMade, status=201, seconds=30.0, errors=(404, 409),
          summary="Give a terminal an account; without password and address a password is made"),
    Route(verb="GET", path="/terminals/<name>", call="terminal.show", tag=_TERMINALS, answer=Terminal,
          summary="One terminal"),
    Route(verb="PATCH", path="/terminals/<name>", call="terminal.update", tag=_TERMINALS, body=TerminalPatch,
          answer=Terminal, nulls=("site",), seconds=30.0, errors=(409,),
          summary="Change what is given; an override that is null goes"),
    Route(verb="DELETE", path="/terminals/<name>", call="terminal.delete", tag=_TERMINALS, status=204, seconds=30.0,
          errors=(409,), summary="Take a terminal's account away"),
    Route(verb="GET", path="/presets", call="preset.list", tag=_TERMINALS, answer=list[Preset],
          summary="Known devices and what they need"),
]  # fmt: skip
