"""H.261's and H.263's capabilities <-> fmtp: RFC 4587 and RFC 4629.

MPI, the minimum picture interval, is in units of 1/29.97 s: ``CIF=1`` is 30 frames a second, ``CIF=2`` is 15.
"""

from __future__ import annotations

from dataclasses import replace

from ..media import Format, read_fmtp, write_fmtp
from .line import Body

BIT_RATE_UNIT = 100  # bit/s
MOST_H261, MOST_H263 = 19_200, 192_400  # in those units
UNSAID = 19_200  # what is said where nothing is known: nobody sends H.263 at the 19 Mbit/s that could be written

H263_SIZES = {"SQCIF": "sqcifMPI", "QCIF": "qcifMPI", "CIF": "cifMPI", "CIF4": "cif4MPI", "CIF16": "cif16MPI"}
H261_SIZES = {"QCIF": "qcifMPI", "CIF": "cifMPI"}
MOST_MPI = {"h261": 4, "h263": 32}

# RFC 4629's letters for the annexes that H.245 names: F is baseline's advanced prediction, the others are options.
ANNEXES = {"I": "advancedIntraCodingMode", "J": "deblockingFilterMode", "T": "modifiedQuantizationMode"}

# H.263 (1998) options that must be said, yes or no.
OPTIONS = (
    "advancedIntraCodingMode",
    "deblockingFilterMode",
    "improvedPBFramesMode",
    "unlimitedMotionVectors",
    "fullPictureFreeze",
    "partialPictureFreezeAndRelease",
    "resizingPartPicFreezeAndRelease",
    "fullPictureSnapshot",
    "partialPictureSnapshot",
    "videoSegmentTagging",
    "progressiveRefinement",
    "dynamicPictureResizingByFour",
    "dynamicPictureResizingSixteenthPel",
    "dynamicWarpingHalfPel",
    "dynamicWarpingSixteenthPel",
    "independentSegmentDecoding",
    "slicesInOrder-NonRect",
    "slicesInOrder-Rect",
    "slicesNoOrder-NonRect",
    "slicesNoOrder-Rect",
    "alternateInterVLCMode",
    "modifiedQuantizationMode",
    "reducedResolutionUpdate",
    "separateVideoBackChannel",
)


def read_h261(value: Body) -> tuple[str, int]:
    """(fmtp, bit/s) of an H261VideoCapability."""
    return write_fmtp(_intervals(value, H261_SIZES)), value["maxBitRate"] * BIT_RATE_UNIT


def h261(fmtp: str, bit_rate: int) -> Body:
    """H261VideoCapability; QCIF, which every H.261 decoder knows, where no size is said."""
    return {
        **_sizes(fmtp, H261_SIZES, "h261"),
        "temporalSpatialTradeOffCapability": False,
        "maxBitRate": _limit(bit_rate, MOST_H261),
        "stillImageTransmission": False,
        "videoBadMBsCap": False,
    }


def read_h263(value: Body) -> tuple[str, str, int]:
    """(fmtp of H.263, fmtp of H.263+ or "", bit/s) of an H263VideoCapability. What has options decodes without, too."""
    plain = _intervals(value, H263_SIZES)
    options = value.get("h263Options")
    plus = ""
    if options is not None:
        words: dict[str, str | int] = dict(plain)
        custom = _custom(options)
        if custom:
            words["CUSTOM"] = custom
        if value["advancedPrediction"]:
            words["F"] = 1
        words |= {letter: 1 for letter, name in ANNEXES.items() if options[name]}
        plus = write_fmtp(words)
    return write_fmtp(plain), plus, value["maxBitRate"] * BIT_RATE_UNIT


def h263(fmtp: str, bit_rate: int, plus: bool) -> Body:
    """H263VideoCapability, with the options of H.263+ where ``plus``."""
    words = read_fmtp(fmtp)
    value: Body = {
        **_sizes(fmtp, H263_SIZES, "h263"),
        "maxBitRate": _limit(bit_rate, MOST_H263),
        "unrestrictedVector": False,
        "arithmeticCoding": False,
        "advancedPrediction": words.get("f") == "1",
        "pbFrames": False,
        "temporalSpatialTradeOffCapability": False,
        "errorCompensation": False,
    }
    if plus:
        said = {name for letter, name in ANNEXES.items() if words.get(letter.lower()) == "1"}
        value["h263Options"] = {name: name in said for name in OPTIONS}
    return value


def together(one: Format, other: Format) -> Format:
    """The same codec with the sizes and options of both, at the greater bit rate."""
    first, second = _words(one.fmtp), _words(other.fmtp)
    words = {
        name: first.get(name) or second[name]
        for name in (*reversed(H263_SIZES), *first, *second)
        if name in first | second
    }
    return replace(one, fmtp=write_fmtp(words), bit_rate=max(one.bit_rate, other.bit_rate))


def _words(fmtp: str) -> dict[str, str | int]:
    return {name.upper(): value for name, value in read_fmtp(fmtp).items()}


def _intervals(value: Body, sizes: dict[str, str]) -> dict[str, str | int]:
    """The largest picture first: that is what a peer likes best."""
    return {name: value[field] for name, field in reversed(sizes.items()) if field in value}


def _sizes(fmtp: str, sizes: dict[str, str], codec: str) -> Body:
    words = read_fmtp(fmtp)
    said = {field: words[name.lower()] for name, field in sizes.items() if words.get(name.lower(), "").isdigit()}
    return {field: min(max(int(mpi), 1), MOST_MPI[codec]) for field, mpi in said.items()} or {"qcifMPI": 1}


def _custom(options: Body) -> str:
    """The largest custom picture as RFC 4629 writes it: width, height, interval."""
    found = [
        # H.245: maxCustomPictureWidth and Height count in units of 4 pixels
        (4 * each["maxCustomPictureWidth"], 4 * each["maxCustomPictureHeight"], each["mPI"]["standardMPI"])
        for each in options.get("customPictureFormat", ())
        if "standardMPI" in each["mPI"]
    ]
    return ",".join(map(str, max(found))) if found else ""


def _limit(bit_rate: int, most: int) -> int:
    return min(max(bit_rate // BIT_RATE_UNIT, 1), most) if bit_rate else UNSAID
