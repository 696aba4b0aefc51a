"""Q.931 as H.225.0 uses it: messages, information elements, their numbers."""

from .codes import CallState, Ie, Kind
from .message import GLOBAL, MAX_REFERENCE, Element, Message, decode, encode

__all__ = ["GLOBAL", "MAX_REFERENCE", "CallState", "Element", "Ie", "Kind", "Message", "decode", "encode"]
