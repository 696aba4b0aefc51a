"""A SIP video terminal for tests and benches: calls, sends a colour, a counter and a tone, and says what arrives."""

from tests.probe.call import Call, CallRefused
from tests.probe.clip import ClipFormat
from tests.probe.sdp import HD, Offer, VideoFormat
from tests.probe.terminal import Terminal, palette
from tests.probe.user_agent import NoResponse

__all__ = ["HD", "Call", "CallRefused", "ClipFormat", "NoResponse", "Offer", "Terminal", "VideoFormat", "palette"]
