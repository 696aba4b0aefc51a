"""Notices in the words of reports, Vietnamese and English: by their code and what they name (docs/bus.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu.core.dialling.reasons import in_words
from mcu.core.error_words import error_in_words
from mcu.core.languages import Language, Wording, worded

# A notice that says one of two things has a line for each.
_NOTICES: Mapping[str, Wording] = {
    "asterisk_away": ("Tổng đài đã dừng", "The switchboard has stopped"),
    "asterisk_back": ("Tổng đài đã chạy lại", "The switchboard is running again"),
    "asterisk_back.lost": (
        "Tổng đài đã chạy lại, mất {lost} trong {before} cuộc gọi",
        "The switchboard is running again, without {lost} of {before} calls",
    ),
    "bridge_full": (
        "Hệ thống đã đủ điểm cầu: không thể vào thêm",
        "The system is full: no more sites could join",
    ),
    "call_failed": ("Gọi {name} không được: {reason}", "{name} was called and did not come: {reason}"),
    "calls_resumed": (
        "MCU đã khởi động lại: số cuộc gọi lại: {again}, bỏ qua: {dropped}",
        "The MCU was restarted: calls made again: {again}, not made: {dropped}",
    ),
    "clock_changed": ("Đồng hồ của MCU đã bị chỉnh {seconds} giây", "The clock of the MCU was set by {seconds} s"),
    "focus_left": (
        "Điểm cầu đang phát đã rời phòng {room}; micrô các điểm giữ nguyên",
        "The site that all saw left room {room}; microphones stayed as they were",
    ),
    "gateway_away": (
        "Cổng H.323 đã dừng; thiết bị H.323 không gọi được",
        "The H.323 gateway has stopped; H.323 terminals cannot call",
    ),
    "gateway_back": ("Cổng H.323 đã chạy lại", "The H.323 gateway is running again"),
    "help": ("{name} ở phòng {room} cần trợ giúp", "{name} in room {room} asked for the operator"),
    "meeting_late": (
        "Cuộc họp {title} ở phòng {room} bắt đầu muộn {minutes} phút",
        "Meeting {title} in room {room} began {minutes} minutes late",
    ),
    "meeting_missed": (
        "Cuộc họp {title} ở phòng {room} đã bị lỡ: MCU không hoạt động hoặc sai giờ",
        "Meeting {title} in room {room} was missed: the MCU was away or its clock was wrong",
    ),
    "meeting_step_failed": (
        "Cuộc họp {title} ở phòng {room}: một bước không thực hiện được ({reason})",
        "Meeting {title} in room {room}: a step failed ({reason})",
    ),
    "mixer_away": ("Bộ ghép hình đã dừng; tiếng vẫn bình thường", "The picture mixer has stopped; sound goes on"),
    "mixer_restarted": ("Bộ ghép hình đã khởi động lại", "The picture mixer was restarted"),
    "pin_guessed": (
        "Phòng {room} không nhận khách trong {minutes} phút: {wrong} lần nhập sai mã PIN",
        "Room {room} was closed to guests for {minutes} minutes: {wrong} wrong PINs",
    ),
    "record_back": ("Đã ghi lại được dữ liệu", "The record can be written again"),
    "record_back.lost": (
        "Đã ghi lại được dữ liệu; số mục bị mất: {lost}",
        "The record can be written again; entries lost: {lost}",
    ),
    "record_failing": (
        "Hiện không ghi được dữ liệu; cuộc họp vẫn tiếp tục, dữ liệu sẽ được ghi lại sau",
        "Nothing can be recorded now; meetings go on, and it is tried again",
    ),
    "room_full": (
        "Phòng {room} đã đủ {people} điểm cầu: không thể vào thêm",
        "Room {room} was full ({people} sites): no more could join it",
    ),
    "scanner": (
        "Từ chối cuộc gọi từ {address} trong {minutes} phút: sai số phòng hoặc sai mã PIN",
        "Calls from {address} are refused for {minutes} minutes: wrong numbers or PINs",
    ),
    "site_lost": (
        "Cuộc gọi của {name} bị đứt ({reason}); không gọi lại nữa",
        "The call of {name} broke ({reason}); it was not called any more",
    ),
    "site_lost.again": (
        "Cuộc gọi của {name} bị đứt ({reason}); được gọi lại",
        "The call of {name} broke ({reason}); it was called again",
    ),
    "test_broken_off": (
        "MCU đã khởi động lại: phiên họp thử ở phòng {room} đã quá lâu nên không tiếp tục",
        "The MCU was restarted: the test session in room {room} was too long ago and did not go on",
    ),
    "test_resumed": (
        "MCU đã khởi động lại: phiên họp thử ở phòng {room} tiếp tục, còn {left} trong {sites} điểm cầu",
        "The MCU was restarted: the test session in room {room} went on, with {left} sites of {sites}",
    ),
    "trunk_away": (
        "Đường điện thoại chưa đăng ký được: không gọi được điện thoại, điện thoại không gọi vào được",
        "The telephone line is not registered: telephones cannot be called, and cannot call",
    ),
    "trunk_back": ("Đường điện thoại đã đăng ký lại", "The telephone line is registered again"),
    "webhook_disabled": (
        "Webhook {webhook} không nhận gì trong 24 giờ và đã bị tắt",
        "Webhook {webhook} took nothing for 24 hours and was disabled",
    ),
    "webhook_full": (
        "Webhook {webhook} có quá nhiều sự kiện đang chờ; không giữ thêm nữa",
        "Webhook {webhook} had too many events waiting; more were not kept for it",
    ),
}
_OF_CALLS = frozenset({"call_failed", "site_lost"})  # these name a call's reason, by its word
# Of these it depends on what they name: the notice's code to the name, and what is added to the code where that holds.
_DEPENDS = {"asterisk_back": "lost", "record_back": "lost", "site_lost": "again"}


def notice_text(code: str, text: str, data: Mapping[str, Any], language: Language) -> str:
    """What a notice says. ``text``, which is English, of one that nothing is known of but that: an older version kept
    no data, and a newer one may know other codes."""
    on = _DEPENDS.get(code, "")
    found = _NOTICES.get(f"{code}.{on}" if on and data.get(on) else code)
    if found is None or (on and on not in data):
        return text
    values = {key: value for key, value in data.items() if isinstance(value, str | int | float)}
    if code in _OF_CALLS and "reason" in values:
        values["reason"] = in_words(str(values["reason"]), language)
    elif "error" in values and "reason" in values:
        values["reason"] = error_in_words(str(values["error"]), str(values["reason"]), language)
    try:
        return worded(found, language).format_map(values)
    except KeyError:
        return text
