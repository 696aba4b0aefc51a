"""Why a call failed, in people's words."""

from __future__ import annotations

from mcu.core.languages import Language, Wording, worded

_WORDS: dict[str, Wording] = {
    "busy": ("bận", "busy"),
    "no_answer": ("không trả lời", "no answer"),
    "unreachable": ("không liên lạc được", "unreachable"),
    "refused": ("từ chối", "refused"),
    "not_found": ("số không tồn tại", "not found"),
    "codec": ("không có codec chung", "codec"),
    "failed": ("cuộc gọi bị lỗi", "failed"),
    "no_place": ("phòng họp hết chỗ", "no place is left"),
}


def in_words(reason: str, language: Language) -> str:
    """Of a word of ``outgoing.reason_of``; another one is its own."""
    found = _WORDS.get(reason)
    return worded(found, language) if found else reason.replace("_", " ")
