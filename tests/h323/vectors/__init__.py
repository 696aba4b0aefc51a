"""H.323 messages captured on loopback between programs that are not ours: H323Plus 1.28, OPAL 3.19, ooh323c and GnuGk.

One message a file, in the order in which they were sent; INDEX.txt tells from where to where. Kinds, the second part
of a name: ``h225`` is H323-UserInformation out of a Q.931 User-User element (behind its 0x05), ``h245t`` H.245 out of
h245Control, ``h245`` H.245 on its own TCP connection, ``h245p`` out of Setup's parallelH245Control, ``fast`` an
OpenLogicalChannel out of fastStart, ``ras`` a RasMessage.

audio1: audio, tunnelling, no fast start. video264: H.264 720p, H.239 capability, TCS in Connect.
v264_nofast_notunnel: H.264, separate H.245. fs_v264: fast start with video, no TCS at all. v261: H.261. v263: H.263 by
RFC 2190. fs_v261, fs_v263: fast start with those, the latter with separate H.245. h239: H.239 opened and closed, DTMF.
dtmf_signal: UserInputIndication.signal, G.722 one way. gk_routed, gk_direct: GRQ RRQ ARQ DRQ URQ; gk_password: the
same, signed by H.235.1. gk_child: GnuGk 5.15 that routes registers with our gatekeeper as an endpoint with prefix 77,
and is called; gk_child_md5: the same with a password, and calls; gk_child_unsigned: its H.235.1 with an empty hash.
ooh: an independent ASN.1 stack. opal: fast start with parallelH245Control, slow start with separate H.245.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
FOLDERS = tuple(sorted(path.parent.name for path in HERE.glob("*/INDEX.txt")))


class Vector(NamedTuple):
    folder: str
    name: str  # 000_h225_setup
    way: str  # 127.0.0.1:60780>127.0.0.2:1721
    octets: bytes

    @property
    def kind(self) -> str:
        """What it decodes as: h225, h245, olc or ras."""
        kind = self.name.split("_")[1]
        return {"h245t": "h245", "h245p": "h245", "fast": "olc"}.get(kind, kind)


@functools.cache
def load(folder: str) -> tuple[Vector, ...]:
    """The messages of one folder, in the order in which they were sent."""
    lines = (HERE / folder / "INDEX.txt").read_text("ascii").splitlines()
    files = [line.split()[:2] for line in lines if not line.startswith("#")]
    return tuple(
        Vector(folder, name.removesuffix(".per"), way, (HERE / folder / name).read_bytes()) for name, way in files
    )


def everything() -> tuple[Vector, ...]:
    return tuple(vector for folder in FOLDERS for vector in load(folder))


@functools.cache
def distinct() -> tuple[Vector, ...]:
    """One vector for each different message."""
    return tuple({(vector.kind, vector.octets): vector for vector in everything()}.values())


def pick(name: str, folder: str = "") -> Vector:
    """The first vector whose name ends with ``name`` (``setup``, ``openLogicalChannelAck``)."""
    return next(vector for vector in (load(folder) if folder else everything()) if vector.name.endswith("_" + name))
