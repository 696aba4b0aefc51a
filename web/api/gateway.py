"""The H.323 gateway: its calls, what is registered with its gatekeeper, and traces of what terminals send.

503 ``gateway_down`` while it is not running. Traces are for administrators: they hold everything that was said on the
wire.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from mcu.errors import NotFound

from ..auth import require_admin
from ..services import services
from .schemas import H323Call, Registrations, TraceIn

blueprint = APIBlueprint("h323", __name__, url_prefix="/api/v1/h323", tag="H.323")

_TAG = re.compile(r"[A-Za-z0-9]{1,64}")


def call_tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise NotFound("there is no such H.323 call")
    return text


@blueprint.get("/calls")
@blueprint.output(H323Call)
def index() -> Any:
    """Every H.323 call."""
    return services().control.call("h323.calls")


@blueprint.get("/calls/<tag>")
@blueprint.output(H323Call)
def show(tag: str) -> Any:
    """One call: what was negotiated each way, round trip, tunnelling."""
    return services().control.call("h323.call", tag=call_tag(tag))


@blueprint.put("/calls/<tag>/trace")
@blueprint.input(TraceIn)
@blueprint.output(H323Call)
def trace(tag: str, json_data: TraceIn) -> Any:
    """Keep this call's messages from now on, or stop. Administrators only."""
    require_admin()
    tag, control = call_tag(tag), services().control
    control.call("h323.trace", tag=tag, on=json_data.on)
    return control.call("h323.call", tag=tag)


@blueprint.get("/calls/<tag>/trace.txt")
@blueprint.doc(responses={200: {"description": "text", "content": {"text/plain": {}}}})  # type: ignore[arg-type]
def trace_text(tag: str) -> Response:
    """The messages kept, decoded; of a call that is over too, for a while. Administrators only."""
    return _file(str(_kept(tag)["text"]), "text/plain", f"h323-{tag}.txt")


@blueprint.get("/calls/<tag>/trace.pcap")
@blueprint.doc(responses={200: {"description": "pcap", "content": {"application/vnd.tcpdump.pcap": {}}}})  # type: ignore[arg-type]
def trace_pcap(tag: str) -> Response:
    """The messages kept, as they were on the wire, for Wireshark. Administrators only."""
    return _file(b64decode(_kept(tag)["pcap"]), "application/vnd.tcpdump.pcap", f"h323-{tag}.pcap")


@blueprint.get("/registered")
@blueprint.output(Registrations)
def registered() -> Any:
    """Terminals registered with the built-in gatekeeper, and our own registration with another."""
    return services().control.call("h323.registered")


def _kept(tag: str) -> dict[str, Any]:
    require_admin()
    kept: dict[str, Any] = services().control.call("h323.trace_get", tag=call_tag(tag))
    return kept


def _file(body: str | bytes, mimetype: str, name: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
