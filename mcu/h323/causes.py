"""Why a call ended, in the three languages spoken here: Q.850 cause, H.225.0 ReleaseCompleteReason, SIP status.

Q.850 is what our own code uses; the others are translated to it and from it. Every function takes any number or
word and gives something sensible: an unknown one counts as its class (Q.850 2.2.5, RFC 3261 8.1.3.2).
"""

from __future__ import annotations

UNALLOCATED = 1
NO_ROUTE = 3
NORMAL_CLEARING = 16
USER_BUSY = 17
NO_USER_RESPONDING = 18
NO_ANSWER = 19
CALL_REJECTED = 21
OUT_OF_ORDER = 27  # what the destination is reached by does not work
FACILITY_REJECTED = 29
STATUS_RESPONSE = 30  # response to Status Inquiry
NORMAL_UNSPECIFIED = 31
TEMPORARY_FAILURE = 41
CONGESTION = 42
RESOURCE_UNAVAILABLE = 47
NOT_IMPLEMENTED = 79
INVALID_REFERENCE = 81
INCOMPATIBLE = 88
MANDATORY_MISSING = 96
UNKNOWN_TYPE = 97
NOT_UNDERSTOOD = 99  # an element that requires comprehension
INVALID_CONTENTS = 100
WRONG_STATE = 101
TIMER_EXPIRED = 102
PROTOCOL_ERROR = 111
INTERWORKING = 127

# H.225.0 table 5, "ReleaseCompleteReason to Cause IE mapping"; invalidCID, securityError and hopCountExceeded are
# later than the table: no such conference, no permission, and Q.850's own number for a hop counter that ran out.
_CAUSE_OF_REASON = {
    "noBandwidth": 34,
    "gatekeeperResources": 47,
    "unreachableDestination": 3,
    "destinationRejection": 16,
    "invalidRevision": 88,
    "noPermission": 111,
    "unreachableGatekeeper": 38,
    "gatewayResources": 42,
    "badFormatAddress": 28,
    "adaptiveBusy": 41,
    "inConf": 17,
    "undefinedReason": 31,
    "facilityCallDeflection": 16,
    "securityDenied": 31,
    "calledPartyNotRegistered": 20,
    "callerNotRegistered": 31,
    "newConnectionNeeded": 47,
    "nonStandardReason": 127,
    "replaceWithConferenceInvite": 31,
    "genericDataReason": 31,
    "neededFeatureNotSupported": 31,
    "tunnelledSignallingRejected": 127,
    "invalidCID": 3,
    "securityError": 21,
    "hopCountExceeded": 25,
}

# Table 5 read from the right, and its gaps filled by meaning. No reason stands for normal clearing: the table's
# "destinationRejection" would have the terminal show a refusal, and H323Plus and OPAL leave the reason out then.
_REASON_OF_CAUSE = {
    1: "calledPartyNotRegistered",
    2: "unreachableDestination",
    3: "unreachableDestination",
    17: "inConf",
    18: "unreachableDestination",
    19: "destinationRejection",
    20: "calledPartyNotRegistered",
    21: "destinationRejection",
    22: "unreachableDestination",
    25: "hopCountExceeded",
    27: "unreachableDestination",
    28: "badFormatAddress",
    34: "noBandwidth",
    38: "unreachableDestination",
    41: "adaptiveBusy",
    42: "gatewayResources",
    47: "gatewayResources",
    55: "noPermission",
    57: "noPermission",
    58: "noBandwidth",
    88: "destinationRejection",
    111: "undefinedReason",
}

# RFC 3398 7.2.4.1. 16 has no status there (it is a BYE); where a response must be given all the same it is 480.
_STATUS_OF_CAUSE = {
    1: 404,
    2: 404,
    3: 404,
    16: 480,
    17: 486,
    18: 408,
    19: 480,
    20: 480,
    21: 403,
    22: 410,
    23: 410,
    25: 483,  # not in RFC 3398, which maps 483 to 25 the other way
    26: 404,
    27: 502,
    28: 484,
    29: 501,
    31: 480,
    34: 503,
    38: 503,
    41: 503,
    42: 503,
    47: 503,
    55: 403,
    57: 403,
    58: 503,
    65: 488,
    70: 488,
    79: 501,
    87: 403,
    88: 488,  # RFC 3398 says 503; an H.323 terminal means that no codec is common
    102: 504,
    111: 500,
    127: 500,
}

# The class of an unlisted cause, Q.850 2.2.5: its upper three bits.
_STATUS_OF_CLASS = {0: 404, 1: 480, 2: 503, 3: 501, 4: 501, 5: 500, 6: 500, 7: 500}

# RFC 3398 8.2.6.1; 3xx and those that it leaves to a Warning header (488, 606) are ours.
_CAUSE_OF_STATUS = {
    400: 41,
    401: 21,
    402: 21,
    403: 21,
    404: 1,
    405: 63,
    406: 79,
    407: 21,
    408: 102,
    410: 22,
    413: 127,
    414: 127,
    415: 79,
    416: 127,
    420: 127,
    421: 127,
    423: 127,
    480: 18,
    481: 41,
    482: 25,
    483: 25,
    484: 28,
    485: 1,
    486: 17,
    487: 16,
    488: 88,
    491: 41,
    500: 41,
    501: 79,
    502: 38,
    503: 41,
    504: 102,
    505: 127,
    513: 127,
    600: 17,
    603: 21,
    604: 1,
    606: 88,
}
_CAUSE_OF_STATUS_CLASS = {3: 23, 4: 31, 5: 41, 6: 21}

_TEXT = {
    1: "no such number",
    3: "no route to the destination",
    16: "hung up",
    17: "busy",
    18: "the terminal does not respond",
    19: "nobody answers",
    20: "not registered",
    21: "refused",
    22: "the number has changed",
    25: "routed in a circle",
    27: "out of order",
    28: "no valid number",
    31: "ended",
    34: "no bandwidth",
    38: "network out of order",
    41: "temporary failure",
    42: "congestion",
    47: "no resources",
    58: "no bandwidth",
    79: "not supported",
    81: "no such call",
    88: "nothing in common to talk with",
    96: "an element is missing",
    97: "unknown message",
    101: "message in the wrong state",
    102: "no answer in time",
    111: "protocol error",
    127: "interworking",
}


def cause_of_reason(reason: str) -> int:
    """Q.850 cause of a ReleaseCompleteReason, 31 (normal, unspecified) for an unknown one."""
    return _CAUSE_OF_REASON.get(reason, NORMAL_UNSPECIFIED)


def reason_of_cause(cause: int) -> str | None:
    """ReleaseCompleteReason of a Q.850 cause; None where it is best left out."""
    if cause == NORMAL_CLEARING:
        return None
    return _REASON_OF_CAUSE.get(cause, "undefinedReason")


def status_of_cause(cause: int) -> int:
    """SIP status of a Q.850 cause, 400 to 699."""
    return _STATUS_OF_CAUSE.get(cause) or _STATUS_OF_CLASS[(cause >> 4) & 7]


def cause_of_status(status: int) -> int:
    """Q.850 cause of a SIP status; 2xx and what is none mean normal clearing."""
    return _CAUSE_OF_STATUS.get(status) or _CAUSE_OF_STATUS_CLASS.get(status // 100, NORMAL_CLEARING)


def text_of_cause(cause: int) -> str:
    """For people and logs."""
    return _TEXT.get(cause, f"cause {cause}")
