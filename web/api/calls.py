"""Terminals that the MCU calls, and test sessions."""

from __future__ import annotations

from .route import Route
from .schemas.calls import (
    Call,
    CallAllIn,
    CallIn,
    CallsEnded,
    CallsMade,
    TestIn,
    TestReport,
    TestReportQuery,
    TestSignature,
)

_TAG, _TEST = "Outgoing calls", "Test sessions"
_ROOM = {"number": "room"}
_LONG = 120.0  # s; calls are paced


ROUTES = [
    Route(verb="GET", path="/calls", call="call.list", tag=_TAG, answer=list[Call],
          summary="Outgoing calls of every room: those under way, and those that failed"),
    Route(verb="GET", path="/rooms/<number>/calls", call="call.list", tag=_TAG, names=_ROOM, answer=list[Call],
          summary="Outgoing calls of one room"),
    Route(verb="POST", path="/rooms/<number>/calls", call="call.dial", tag=_TAG, names=_ROOM, body=CallIn,
          answer=Call, status=201, errors=(409,),
          summary="Call a site, a terminal or an address into the room; 409 while it is being called already"),
    Route(verb="POST", path="/rooms/<number>/calls/all", call="call.all", tag=_TAG, names=_ROOM, body=CallAllIn,
          answer=CallsMade, status=201, seconds=_LONG, errors=(409,),
          summary="Call every invited site that is not there, or those of a branch"),
    Route(verb="DELETE", path="/rooms/<number>/calls", call="call.end_all", tag=_TAG, names=_ROOM, answer=CallsEnded,
          summary="Give up every call into the room that was not answered"),
    Route(verb="POST", path="/calls/<call>/again", call="call.again", tag=_TAG, answer=Call, errors=(409,),
          summary="Call again now; 409 while it is being dialled"),
    Route(verb="DELETE", path="/calls/<call>", call="call.end", tag=_TAG, status=204,
          summary="Give up a call, or take one that failed off the list"),
    Route(verb="POST", path="/rooms/<number>/test", call="test.start", tag=_TEST, names=_ROOM, body=TestIn,
          answer=TestReport, status=201, seconds=_LONG, errors=(409,),
          summary="Call the sites and check picture, sound and line of each"),
    Route(verb="DELETE", path="/rooms/<number>/test", call="test.stop", tag=_TEST, names=_ROOM, status=204,
          errors=(409,), summary="End the test session"),
    Route(verb="GET", path="/conferences/<conference>/test", call="test.report", tag=_TEST, query=TestReportQuery,
          answer=TestReport,
          summary="What the test session found at each site"),
    Route(verb="POST", path="/conferences/<conference>/test/signatures", call="test.sign", tag=_TEST,
          body=TestSignature, status=204, errors=(409,), summary="Sign a site off"),
]  # fmt: skip
