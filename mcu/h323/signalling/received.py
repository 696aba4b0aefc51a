"""What the peer's UUIEs say, in our words. Any value that the codec gives is taken; what is missing is empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mcu.errors import Garbled
from mcu.h323 import names
from mcu.h323.media import Address
from mcu.h323.per import decode_h225
from mcu.h323.q931 import Ie, Message, elements
from mcu.h323.transport import read_transport

from . import addresses, dialled, vendors
from .events import SetupReceived
from .supplementary import MOST_APDUS
from .values import Endpoint, Peer

_KINDS = ("gatekeeper", "gateway", "mcu", "terminal")


@dataclass(frozen=True, slots=True)
class Uuie:
    """The User-User element. ``present`` is False where it is missing, ``sound`` where it can't be read."""

    present: bool = False
    sound: bool = False
    name: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    tunnelling: bool = False
    provisional: bool = False  # a gatekeeper's own answer: its tunnelling flag says nothing (H.225.0 7.6)
    h245: tuple[bytes, ...] = ()
    services: tuple[bytes, ...] = ()  # APDUs of H.450.1

    @property
    def call_id(self) -> bytes:
        return _guid(self.body.get("callIdentifier"))

    @property
    def h245_address(self) -> Address | None:
        return read_transport(self.body.get("h245Address"))

    @property
    def fast_start(self) -> tuple[bytes, ...]:
        return tuple(self.body.get("fastStart", ()))

    @property
    def goal(self) -> str:
        """conferenceGoal of setup."""
        match self.body.get("conferenceGoal"):
            case (str(name), _):
                return name
        return "create"

    @property
    def parallel(self) -> tuple[bytes, ...]:
        """H.245 inside Setup: beside fast start in a field of its own (H.323 8.2.4), without it where it always is."""
        return self.h245 + tuple(self.body.get("parallelH245Control", ()))

    @property
    def choice(self) -> str:
        """``reason`` of facility and releaseComplete."""
        match self.body.get("reason"):
            case (str(name), _):
                return name
        return ""


def read(message: Message) -> Uuie:
    octets = elements.read_user_user(message.get(Ie.USER_USER))
    if octets is None:
        return Uuie()
    try:
        pdu = decode_h225(octets)["h323-uu-pdu"]
        name, body = pdu["h323-message-body"]
    except (Garbled, KeyError, TypeError, ValueError):
        return Uuie(present=True)
    return Uuie(
        True,
        True,
        name,
        body if isinstance(body, dict) else {},
        pdu.get("h245Tunnelling", False),
        "provisionalRespToH245Tunnelling" in pdu,
        tuple(pdu.get("h245Control", ())),
        tuple(pdu.get("h4501SupplementaryService", ())[:MOST_APDUS]),
    )


def setup(message: Message, uuie: Uuie, local: Endpoint) -> SetupReceived:
    body = uuie.body
    dialled_aliases = addresses.read_aliases(body.get("destinationAddress"))
    extra = addresses.read_aliases(body.get("destExtraCallInfo"))
    extension = addresses.read_aliases([body["remoteExtensionAddress"]] if "remoteExtensionAddress" in body else [])
    called = elements.read_number(message.get(Ie.CALLED_PARTY_NUMBER))
    # Digits before names: some terminals tell the name that their phone book has for a number before the number.
    ordered = sorted(dialled_aliases, key=lambda alias: alias[0] != "dialledDigits")
    candidates = [text for kind, text in ordered if kind != "transportID"]
    keyed = elements.read_keypad(message.get(Ie.KEYPAD))  # some gateways dial with Keypad facility (Q.931 5.1.1)
    candidates += [called, keyed, *addresses.texts(extension), *addresses.texts(extra)]
    return SetupReceived(
        number=dialled.number(candidates, local),
        aliases=addresses.texts(dialled_aliases),
        peer=peer(message, uuie, Peer()),
        fast_start=uuie.fast_start,
        h245=uuie.h245_address,
        want=uuie.goal,
    )


def peer(message: Message, uuie: Uuie, known: Peer) -> Peer:
    """``known`` with what this message tells on top of it."""
    body = uuie.body
    told = addresses.read_aliases(
        body.get("sourceAddress") or body.get("connectedAddress") or body.get("alertingAddress")
    )
    aliases = addresses.texts(told) or known.aliases
    digits = next((text for kind, text in told if kind == "dialledDigits"), "")
    number_ie = message.get(Ie.CALLING_PARTY_NUMBER) or message.get(Ie.CONNECTED_NUMBER)
    number = names.clean(elements.read_number(number_ie)) or digits or known.number
    shown = _display_name(body.get("displayName")) or names.from_octets(message.get(Ie.DISPLAY) or b"")
    called = next((text for kind, text in told if kind == "h323-ID"), "")
    # Display is IA5 by the standard: where it holds no name, or the alias is in another alphabet, the alias wins.
    if called and (not any(c.isalnum() for c in shown) or any(c > "\xff" for c in called)):
        shown = called
    info = body.get("sourceInfo") or body.get("destinationInfo") or {}
    vendor, product, version = vendors.read(info.get("vendor"))
    return Peer(
        name=shown or called or known.name,
        number=number,
        aliases=aliases,
        vendor=vendor or known.vendor,
        product=product or known.product,
        version=version or known.version,
        kind=next((kind for kind in _KINDS if kind in info), known.kind),
        protocol=_version(body.get("protocolIdentifier")) or known.protocol,
        address=read_transport(body.get("sourceCallSignalAddress")) or known.address,
    )


def conference_id(uuie: Uuie) -> bytes:
    octets = uuie.body.get("conferenceID", b"")
    return octets if isinstance(octets, bytes) else b""


def forwarded(uuie: Uuie) -> tuple[Address | None, tuple[str, ...]]:
    """Where a Facility sends us."""
    aliases = addresses.read_aliases(uuie.body.get("alternativeAliasAddress"))
    return read_transport(uuie.body.get("alternativeAddress")), addresses.texts(aliases)


def _guid(value: object) -> bytes:
    match value:
        case {"guid": bytes(octets)} if any(octets):  # all zeros stand for "none" in some stacks
            return octets
    return b""


def _display_name(value: object) -> str:
    for entry in value if isinstance(value, list) else ():
        match entry:
            case {"name": str(text)}:
                return names.from_bmp(text)
    return ""


def _version(oid: object) -> int:
    match oid:
        case (0, 0, 8, 2250, 0, int(version)):
            return version
    return 0
