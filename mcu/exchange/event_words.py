"""What happened in a conference, in the words of its minutes, Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from mcu.core.dialling.reasons import in_words
from mcu.core.languages import Language, Wording, worded
from mcu.exchange.notice_words import notice_text
from mcu.exchange.words import clock, word

_VALUES = frozenset({"present", "absent", "good", "poor", "bad", "auto"})  # of what an event names: these have words
# Where there is another one for it, ``….nobody`` is of an event that names nobody.
_SENTENCES: Mapping[str, Wording] = {
    "began": ("Phiên họp bắt đầu", "The conference began"),
    "ended": ("Phiên họp kết thúc", "The conference ended"),
    "joined": ("{name} vào họp", "{name} joined"),
    "left": ("{name} rời phiên họp", "{name} left"),
    "mode.free": ("Thảo luận", "Free talk"),
    "mode.broadcast": ("Phát điểm cầu {name}", "{name} was broadcast"),
    "mode.floor": ("Mời {name} phát biểu", "{name} was given the floor"),
    "mode.lecture": ("{name} giảng bài", "{name} lectured"),
    "mode.voice": ("Hình theo tiếng nói", "The picture followed the voice"),
    "hand.raised": ("{name} xin phát biểu", "{name} asked to speak"),
    "hand.lowered": ("{name} thôi xin phát biểu", "{name} no longer asked to speak"),
    "help.asked": ("{name} cần hỗ trợ kỹ thuật", "{name} asked for the operator"),
    "help.ended": ("Đã hỗ trợ {name}", "{name} was helped"),
    "roll_call.began": ("Bắt đầu điểm danh ({entries} điểm cầu)", "The roll call began ({entries} sites)"),
    "roll_call.mark": ("Điểm danh {name}: {mark}", "Roll call, {name}: {mark}"),
    "roll_call.ended": ("Kết thúc điểm danh", "The roll call ended"),
    "chair": ("Chủ trì: {name}", "Chair: {name}"),
    "chair.none": ("Không còn chủ trì", "No chair any more"),
    "presentation.began": ("{name} trình chiếu", "{name} presented"),
    "presentation.ended": ("{name} thôi trình chiếu", "{name} ended the presentation"),
    "presentation.locked": ("Khoá trình chiếu", "Presentations were locked"),
    "presentation.unlocked": ("Mở khoá trình chiếu", "Presentations were unlocked"),
    "joiners.muted": ("Người vào sau bị tắt micrô", "Those who join are muted"),
    "joiners.open": ("Người vào sau được mở micrô", "Those who join are not muted"),
    "banner": ("Chữ chạy: {text}", "Banner: {text}"),
    "banner.ended": ("Hết chữ chạy", "The banner ended"),
    "ends_at": ("Giờ kết thúc dự kiến {clock}", "To end at {clock}"),
    "extended": ("Gia hạn đến {clock}", "Extended to {clock}"),
    "locked": ("Khoá phòng họp", "The room was locked"),
    "unlocked": ("Mở khoá phòng họp", "The room was unlocked"),
    "picture.stalled": ("Mất hình của {name}", "The picture of {name} stalled"),
    "picture.back": ("Có lại hình của {name}", "The picture of {name} was back"),
    "quality": ("Đường truyền của {name}: {grade}", "Line of {name}: {grade}"),
    "notice": ("Thông báo: {text}", "Notice: {text}"),
    "call.failed": ("Không gọi được {name}: {reason}", "{name} could not be reached: {reason}"),
    "meeting.began": ("Cuộc họp theo lịch: {title}", "Planned meeting: {title}"),
    "conference.ending": ("Còn {minutes} phút là hết giờ", "{minutes} minutes to the end"),
    "meeting.ended": ("Hết giờ cuộc họp theo lịch", "The planned meeting was over"),
    "act.mute.on": ("Tắt micrô của {name}", "{name} was muted"),
    "act.mute.off": ("Bật micrô của {name}", "{name} was unmuted"),
    "act.mute_all.on": ("Tắt micrô tất cả", "All were muted"),
    "act.mute_all.off": ("Bật micrô tất cả", "All were unmuted"),
    "act.deafen.on": ("{name} không nghe được phòng họp", "{name} no longer heard the room"),
    "act.deafen.off": ("{name} lại nghe được phòng họp", "{name} heard the room again"),
    "act.layout": ("Đổi bố cục hình: {layout}", "The layout was changed: {layout}"),
    "act.move": ("Chuyển {name} sang phòng {to}", "{name} was moved to room {to}"),
    "act.drop": ("Ngắt kết nối {name}", "{name} was disconnected"),
    "act.drop_all": ("Ngắt kết nối tất cả", "All were disconnected"),
    "act.admit": ("Cho {name} vào họp", "{name} was let in"),
    "act.admit.nobody": ("Cho tất cả ở phòng chờ vào họp", "All in the lobby were let in"),
    "act.refuse": ("Không cho {name} vào họp", "{name} was turned away"),
    "act.refuse.nobody": ("Không cho một người ở phòng chờ vào họp", "Somebody in the lobby was turned away"),
    "act.rename": ("Đổi tên {name} thành {new}", "{name} was renamed {new}"),
    "act.view": ("Chọn hình cho {name}", "A picture was chosen for {name}"),
    "act.browse": ("Quay vòng các điểm cầu cho {name} xem", "The sites' pictures took turns for {name}"),
    "act.browse.nobody": ("Quay vòng các điểm cầu", "The sites' pictures took turns"),
    "act.panes": ("Chọn nội dung các ô hình", "The panes' contents were chosen"),
    "act.undo": ("Hoàn tác", "The last act was taken back"),
    "act.end": ("Kết thúc phiên họp", "The conference was ended"),
    "act.call_all": ("Gọi các điểm cầu", "The sites were called"),
}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def sentence(kind: str, name: str, data: Mapping[str, Any], language: Language, zone: ZoneInfo) -> str:
    """What an event says. Of a kind without a sentence it is the kind."""
    who = name or str(data.get("name") or "")
    found = (None if who else _SENTENCES.get(f"{kind}.nobody")) or _SENTENCES.get(kind)
    if found is None:
        return kind
    values = _Blank({key: value for key, value in data.items() if isinstance(value, str | int | float)})
    values["name"] = who or "?"
    for key in ("mark", "grade", "layout"):
        if values.get(key) in _VALUES:
            values[key] = word(values[key], language)
    if "reason" in values:
        values["reason"] = in_words(str(values["reason"]), language)
    if values.get("mark") == "":
        values["mark"] = "—"
    if kind == "notice":
        named = data.get("data")
        known = named if isinstance(named, Mapping) else {}
        values["text"] = notice_text(str(data.get("code")), str(data.get("text", "?")), known, language)
    if isinstance(data.get("ends_at"), int | float):
        values["clock"] = clock(data["ends_at"], zone)
    return worded(found, language).format_map(values)
