"""H.264's generic capability (H.241 8.3) <-> what SDP says of it (RFC 6184).

H.241 counts levels on a scale of its own and says more than the level by parameters in units of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..media import read_fmtp, write_fmtp
from .generic import GenericCapability

H264 = (0, 0, 8, 241, 0, 0, 1)  # itu-t recommendation h 241 specificVideoCodecCapabilities h264 genericCapability
# Payload descriptors: Annex A (single NAL units), RFC 3984 non-interleaved.
SINGLE_NAL = (0, 0, 8, 241, 0, 0, 0, 0)
NON_INTERLEAVED = (0, 0, 8, 241, 0, 0, 0, 1)

PROFILE, LEVEL, MAX_MBPS, MAX_FS, MAX_BR_CPB = 41, 42, 3, 4, 6
MBPS_UNIT, FS_UNIT, BR_UNIT = 500, 256, 25_000  # macroblocks/s, macroblocks, bit/s

# Profile bits of parameter 41 and the first two octets of SDP's profile-level-id, the best first. H.241's Baseline is
# what SDP calls constrained Baseline in all that calls: nobody codes slice groups or arbitrary slice order.
PROFILES = ((8, 0x64, 0x00), (32, 0x4D, 0x00), (64, 0x42, 0xE0))
EXTENDED, EXTENDED_BIT = 0x58, 16


@dataclass(frozen=True, slots=True)
class Level:
    value: int  # parameter 42
    idc: int  # H.264 level_idc; 9 stands for 1b
    mbps: int  # H.264 table A-1: macroblocks a second
    fs: int  # macroblocks a frame
    bit_rate: int  # bit/s, of Baseline and Main


# H.241 8.3: values in steps of 7 from level 1.1 on; limits from H.264 table A-1.
LEVELS = (
    Level(15, 10, 1_485, 99, 64_000),
    Level(19, 9, 1_485, 99, 128_000),
    Level(22, 11, 3_000, 396, 192_000),
    Level(29, 12, 6_000, 396, 384_000),
    Level(36, 13, 11_880, 396, 768_000),
    Level(43, 20, 11_880, 396, 2_000_000),
    Level(50, 21, 19_800, 792, 4_000_000),
    Level(57, 22, 20_250, 1_620, 4_000_000),
    Level(64, 30, 40_500, 1_620, 10_000_000),
    Level(71, 31, 108_000, 3_600, 14_000_000),
    Level(78, 32, 216_000, 5_120, 20_000_000),
    Level(85, 40, 245_760, 8_192, 20_000_000),
    Level(92, 41, 245_760, 8_192, 50_000_000),
    Level(99, 42, 522_240, 8_704, 50_000_000),
    Level(106, 50, 589_824, 22_080, 135_000_000),
    Level(113, 51, 983_040, 36_864, 240_000_000),
    Level(120, 52, 2_073_600, 36_864, 240_000_000),
)
BY_IDC = {level.idc: level for level in LEVELS}


def fmtps(capability: GenericCapability, mode: int) -> list[str]:
    """One fmtp for each profile that the capability names, the best first; none where we know none of them.

    max-mbps and max-fs are always said, the level's own where the peer said no more: some compute from them.
    """
    level = _level(capability.number(LEVEL))
    custom = capability.number(MAX_MBPS) * MBPS_UNIT, capability.number(MAX_FS) * FS_UNIT
    bit_rate = capability.number(MAX_BR_CPB) * BR_UNIT
    found = []
    for bit, idc, constraints in PROFILES:
        if not capability.number(PROFILE) & bit:
            continue
        words: dict[str, str | int] = {
            "profile-level-id": _profile_level_id(idc, constraints, level),
            "packetization-mode": mode,
            "max-mbps": max(custom[0], level.mbps),
            "max-fs": max(custom[1], level.fs),
        }
        if bit_rate > level.bit_rate:
            words["max-br"] = bit_rate // 1000
        found.append(write_fmtp(words))
    return found


def capability(fmtp: str, bit_rate: int, announced: bool = False) -> GenericCapability:
    """The generic capability that says what ``fmtp`` says; ``bit_rate`` in bit/s, 0 for what the level allows.

    ``announced``: as what we can receive. Then max-mbps and max-fs are said where ``fmtp`` has them, even if the level
    means as much: peers that announce a low level with custom limits (H323Plus) take the least of each parameter, and
    one that we don't name falls back to their level's. Custom limits are rounded up to H.241's units, or 720p's 3600
    macroblocks would be said as 3584 and no 720p come. Raises ValueError where profile-level-id is none of ours.
    """
    words = read_fmtp(fmtp)
    profile, level = _read_profile_level_id(words.get("profile-level-id", "42000a"))  # RFC 6184 8.1: level 1 if absent
    parameters = {PROFILE: profile, LEVEL: level.value}
    fs, mbps, br = (_number(words.get(name, "")) for name in ("max-fs", "max-mbps", "max-br"))
    if fs > level.fs or (announced and fs == level.fs):
        parameters[MAX_FS] = -(-fs // FS_UNIT)
    if mbps > level.mbps or (announced and mbps == level.mbps):
        parameters[MAX_MBPS] = -(-mbps // MBPS_UNIT)
    if br * 1000 > level.bit_rate:
        parameters[MAX_BR_CPB] = -(-br * 1000 // BR_UNIT)
    limit = max(level.bit_rate, br * 1000)
    return GenericCapability(H264, bit_rate or limit, parameters, arrays=frozenset({PROFILE}))


def packetization_mode(fmtp: str) -> int:
    """RFC 6184: 0 (single NAL units) where it isn't said."""
    return _number(read_fmtp(fmtp).get("packetization-mode", "0"))


def _level(value: int) -> Level:
    """The level of parameter 42; a value between two levels means the lower one."""
    return next((level for level in reversed(LEVELS) if level.value <= value), LEVELS[0])


def _profile_level_id(idc: int, constraints: int, level: Level) -> str:
    if level.idc == 9 and idc != 0x64:  # 1b of Baseline and Main: level 1.1 with constraint_set3_flag (H.264 A.3.1)
        return f"{idc:02x}{constraints | 0x10:02x}0b"
    return f"{idc:02x}{constraints:02x}{level.idc:02x}"


def _read_profile_level_id(text: str) -> tuple[int, Level]:
    """(profile bit, level) of six hexadecimal digits."""
    try:
        idc, constraints, level_idc = bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"profile-level-id {text!r}") from None
    if level_idc == 11 and constraints & 0x10 and idc != 0x64:
        level_idc = 9
    bits = {profile_idc: bit for bit, profile_idc, _ in PROFILES} | {EXTENDED: EXTENDED_BIT}
    if idc not in bits or level_idc not in BY_IDC:
        raise ValueError(f"profile-level-id {text!r}")
    return bits[idc], BY_IDC[level_idc]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
