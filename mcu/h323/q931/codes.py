"""The numbers of Q.931 that H.225.0 uses: message types, information elements, call states (H.225.0 7.1, 7.2)."""

from __future__ import annotations

from enum import IntEnum

PROTOCOL_DISCRIMINATOR = 0x08  # Q.931 4.2


class Kind(IntEnum):
    """Message types, Q.931 table 4-2."""

    ALERTING = 0x01
    CALL_PROCEEDING = 0x02
    PROGRESS = 0x03
    SETUP = 0x05
    CONNECT = 0x07
    SETUP_ACK = 0x0D
    CONNECT_ACK = 0x0F  # H.225.0 forbids it; harmless
    USER_INFORMATION = 0x20
    DISCONNECT = 0x45  # H.225.0 forbids it and Release; gateways that forget that mean to hang up
    RELEASE = 0x4D
    RELEASE_COMPLETE = 0x5A
    FACILITY = 0x62
    NOTIFY = 0x6E
    STATUS_INQUIRY = 0x75
    INFORMATION = 0x7B
    STATUS = 0x7D


class Ie(IntEnum):
    """Information elements of codeset 0, Q.931 table 4-3; those below 0x10 require comprehension (its note 5)."""

    BEARER_CAPABILITY = 0x04
    CAUSE = 0x08
    CALL_STATE = 0x14
    FACILITY = 0x1C
    PROGRESS_INDICATOR = 0x1E
    NOTIFICATION_INDICATOR = 0x27
    DISPLAY = 0x28
    DATE_TIME = 0x29
    KEYPAD = 0x2C
    SIGNAL = 0x34
    CONNECTED_NUMBER = 0x4C
    CALLING_PARTY_NUMBER = 0x6C
    CALLED_PARTY_NUMBER = 0x70
    USER_USER = 0x7E
    SENDING_COMPLETE = 0xA1


class CallState(IntEnum):
    """Q.931 table 4-8, the user side's states that H.225.0 knows."""

    NULL = 0
    CALL_INITIATED = 1
    OVERLAP_SENDING = 2
    OUTGOING_PROCEEDING = 3
    CALL_DELIVERED = 4
    CALL_PRESENT = 6
    CALL_RECEIVED = 7
    INCOMING_PROCEEDING = 9
    ACTIVE = 10
