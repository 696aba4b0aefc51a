"""What a test session says of a site, Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu.core.dialling.reasons import in_words
from mcu.core.error_words import error_in_words
from mcu.core.languages import Language, Wording, worded

_SAID: dict[str, Wording] = {
    "all_good": ("Hình, tiếng và đường truyền đều tốt", "Picture, sound and line are good"),
    "telephone_good": ("Tiếng và đường truyền đều tốt (điện thoại)", "Sound and line of this telephone are good"),
    "no_terminal": (
        "Không gọi được: điểm cầu chưa có thiết bị",
        "It cannot be called: it has no terminal",
    ),
    "not_callable": ("Không gọi được: {why}", "It cannot be called: {why}"),
    "did_not_come": ("Không vào được: {reason}", "It did not come: {reason}"),
    "not_there": ("Không vào họp", "It did not come"),
    "call_ended": ("Cuộc gọi kết thúc sau {seconds:.0f} giây", "Its call ended after {seconds:.0f} s"),
    "not_measured": ("Không đo được đường truyền", "Nothing could be measured of its line"),
    "sound_only": ("Không có hình, chỉ có tiếng", "It has no picture, sound only"),
    "telephone": ("Điện thoại, chỉ có tiếng", "It is a telephone, sound only"),
    "picture_stalled": ("Hình đứng yên", "Its picture stands still"),
    "picture_not_decoded": ("Không giải mã được hình", "Its picture cannot be decoded"),
    "no_picture": ("Không có hình gửi đến", "No picture comes from it"),
    "picture": ("Hình {width}x{height}, {codec}", "Picture {width}x{height}, {codec}"),
    "no_sound": ("Không có tiếng gửi đến", "No sound comes from it"),
    "microphone_closed": (
        "Có tín hiệu tiếng, nhưng MCU đang tắt micrô của điểm cầu nên chưa biết có nghe được không",
        "Sound comes, but the MCU has its microphone closed: whether it is heard is not known",
    ),
    "nobody_heard": (
        "Có tín hiệu tiếng nhưng không nghe thấy ai nói: micrô có đang tắt không?",
        "Sound comes, but nobody was heard: is the microphone off?",
    ),
    "heard": ("Nghe được", "It is heard"),
    "takes_no_picture": ("Không nhận hình", "It takes no picture"),
    "no_picture_sent": ("Không gửi được hình đến", "No picture goes to it"),
    "picture_sent": ("Có gửi hình đến", "It is sent picture"),
    "no_sound_sent": ("Không gửi được tiếng đến", "No sound goes to it"),
    "sound_sent": ("Có gửi tiếng đến", "It is sent sound"),
    "line": (
        "Đường truyền: mất gói lên {loss_in:.1f} %, xuống {loss_out:.1f} %, biến thiên trễ {jitter:.0f} ms, "
        "trễ khứ hồi {rtt:.0f} ms",
        "Line: loss {loss_in:.1f} % from it, {loss_out:.1f} % to it, jitter {jitter:.0f} ms, round trip {rtt:.0f} ms",
    ),
}

_NO_ADDRESS = "thiết bị của điểm cầu không có địa chỉ để gọi đến"  # what is wrong with a call that is not accepted


def say(code: str, values: Mapping[str, Any], language: Language) -> str:
    """``values``: the figures that it names. Raises KeyError for a code that there is not."""
    told = dict(values)
    if "reason" in told:
        told["reason"] = in_words(str(told["reason"]), language)
    if language == "vi" and (error := told.get("error")):
        told["why"] = _NO_ADDRESS if error == "bad_request" else error_in_words(error, f"mã lỗi {error}", language)
    said = worded(_SAID[code], language).format(**told)
    return said.replace(".", ",") if code == "line" and language == "vi" else said


def in_language(told: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A site of a session as ``SiteTest.describe`` told it, whose texts may be in another language. What was kept by a
    version that knew one language only stays as it is."""
    findings = [dict(finding) for finding in told.get("findings") or ()]
    if not all(finding.get("code") in _SAID for finding in findings):
        return dict(told)
    for finding in findings:
        finding["text"] = say(finding["code"], finding.get("values") or {}, language)
    return {**told, "findings": findings, "summary": summary_of(findings, language)}


def summary_of(findings: list[dict[str, Any]], language: Language) -> str:
    """One sentence: what is wrong, or that nothing is."""
    wrong = [finding["text"] for finding in findings if finding["level"] != "good"]
    if wrong or not findings:
        return "; ".join(wrong)
    telephone = any(finding["code"] == "telephone" for finding in findings)
    return say("telephone_good" if telephone else "all_good", {}, language)
