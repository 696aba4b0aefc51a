"""The H.323 gateway: its calls, what is registered with its gatekeeper, and traces of what terminals send.

503 ``gateway_down`` while it is not running. Traces are for administrators: they hold everything that was said on the
wire.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Response

from .route import Asked, Route, ask
from .schemas.status import H323Call, Registrations, TraceIn
from .sites import file

_TAG = "H.323"
_PCAP = "application/vnd.tcpdump.pcap"


def _trace(asked: Asked) -> Any:
    ask("h323.trace", asked.everything)
    return ask("h323.call", asked.path)


def _text(asked: Asked) -> Response:
    text = str(ask("h323.trace_get", asked.path)["text"]).encode()
    name = f"h323-{asked.path['tag']}.txt"
    return file({"name": name, "mimetype": "text/plain", "content": b64encode(text)})


def _pcap(asked: Asked) -> Response:
    kept = ask("h323.trace_get", asked.path)
    return file({"name": f"h323-{asked.path['tag']}.pcap", "mimetype": _PCAP, "content": kept["pcap"]})


ROUTES = [
    Route(verb="GET", path="/h323/calls", call="h323.calls", tag=_TAG, answer=list[H323Call],
          summary="Every H.323 call"),
    Route(verb="GET", path="/h323/calls/<tag>", call="h323.call", tag=_TAG, answer=H323Call,
          summary="One call: what was negotiated each way, round trip, tunnelling"),
    Route(verb="DELETE", path="/h323/calls/<tag>", call="h323.hang_up", tag=_TAG, status=204, summary="End a call"),
    Route(verb="PUT", path="/h323/calls/<tag>/trace", call="h323.trace", tag=_TAG, body=TraceIn, answer=H323Call,
          view=_trace, summary="Keep this call's messages from now on, or stop; administrators only"),
    Route(verb="GET", path="/h323/calls/<tag>/trace.txt", call="h323.trace_get", tag=_TAG, files=("text/plain",),
          view=_text, summary="The messages kept, decoded; of a call that is over too, for a while"),
    Route(verb="GET", path="/h323/calls/<tag>/trace.pcap", call="h323.trace_get", tag=_TAG, files=(_PCAP,),
          view=_pcap, summary="The messages kept, as they were on the wire, for Wireshark"),
    Route(verb="GET", path="/h323/registered", call="h323.registered", tag=_TAG, answer=Registrations,
          summary="Terminals registered with the built-in gatekeeper, and our own registration with another"),
]  # fmt: skip
