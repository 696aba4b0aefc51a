"""A call that must not come through: refused at once, or answered, told why, and ended."""

from __future__ import annotations

from tests.probe import CallRefused, Terminal

# A SIP response says it in one word; a prompt is the polite way to say it, and shows as this.
TOLD_BY_VOICE = 480


async def turned_away(terminal: Terminal, number: str) -> int:
    """Dial; the status of the refusal, or TOLD_BY_VOICE. Raises AssertionError when the call lasts."""
    try:
        await terminal.dial(number)
    except CallRefused as refusal:
        return refusal.status
    await terminal.until(terminal.call.ended.is_set, 25, "the end of a call that is turned away")
    assert terminal.sound.log.packets > 25, "an answered call was ended without a word"
    return TOLD_BY_VOICE
