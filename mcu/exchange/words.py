"""Words of reports, Vietnamese and English; figures and times as they are written there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mcu.core.languages import Language, Wording, worded

_WORDS: dict[str, Wording] = {
    "minutes": ("Biên bản phiên họp", "Minutes of the conference"),
    "summary": ("Tóm tắt", "Summary"),
    "sites": ("Điểm cầu", "Sites"),
    "terminals": ("Thiết bị đầu cuối", "Terminals"),
    "events": ("Diễn biến", "Events"),
    "room": ("Phòng họp", "Room"),
    "meeting": ("Cuộc họp", "Meeting"),
    "began": ("Bắt đầu", "Began"),
    "ended": ("Kết thúc", "Ended"),
    "goes_on": ("đang họp", "still on"),
    "length": ("Thời lượng", "Length"),
    "sites_present": ("Số điểm cầu có mặt", "Sites present"),
    "sites_absent": ("Số điểm cầu vắng", "Sites absent"),
    "people_total": ("Tổng số người dự", "People in all"),
    "number": ("STT", "No."),
    "site": ("Điểm cầu", "Site"),
    "above": ("Trực thuộc", "Belongs to"),
    "invited": ("Được mời", "Invited"),
    "roll_call": ("Điểm danh", "Roll call"),
    "people": ("Số người", "People"),
    "usual": ("Thường có", "Usually"),
    "first": ("Vào lúc", "Joined"),
    "last": ("Ra lúc", "Left"),
    "present_for": ("Có mặt (phút)", "Present (min)"),
    "stays": ("Số lần vào", "Joins"),
    "line": ("Đường truyền", "Line"),
    "loss_in": ("Mất gói lên (%)", "Loss from it (%)"),
    "loss_out": ("Mất gói xuống (%)", "Loss to it (%)"),
    "rtt_ms": ("Trễ khứ hồi (ms)", "Round trip (ms)"),
    "jitter_ms": ("Biến thiên trễ (ms)", "Jitter (ms)"),
    "kbps_in": ("Lên (kbit/s)", "From it (kbit/s)"),
    "kbps_out": ("Xuống (kbit/s)", "To it (kbit/s)"),
    "terminal": ("Thiết bị", "Terminal"),
    "name": ("Tên", "Name"),
    "address": ("Số gọi", "Number"),
    "time": ("Thời gian", "Time"),
    "event": ("Sự kiện", "Event"),
    "present": ("có mặt", "present"),
    "absent": ("vắng", "absent"),
    "good": ("tốt", "good"),
    "poor": ("kém", "poor"),
    "bad": ("rất kém", "bad"),
    "failed": ("không đạt", "failed"),
    "auto": ("tự động", "automatic"),
    "yes": ("có", "yes"),
    "no": ("không", "no"),
    "page": ("Trang {page}/{pages}", "Page {page} of {pages}"),
    "made": ("Lập lúc {time}", "Made at {time}"),
    "no_site": ("(không thuộc điểm cầu nào)", "(of no site)"),
    "truncated": ("… và {count} sự kiện nữa", "… and {count} more events"),
    # --- test sessions
    "test_minutes": ("Biên bản phiên họp thử", "Minutes of the test session"),
    "tests": ("Kết quả thử", "Test results"),
    "verdict": ("Kết luận", "Verdict"),
    "found": ("Nhận xét", "Found"),
    "signed_by": ("Người ký", "Signed by"),
    "signed_at": ("Ký lúc", "Signed at"),
    "note": ("Ghi chú", "Note"),
    # --- calendar files
    "invitation": ("Phòng họp trực tuyến {name} (số {room}).", "Meeting over the network: {name} (room {room})."),
    "ways_in": ("Cách vào họp:", "How to join:"),
    "way_registered": (
        "Thiết bị đã đăng ký với MCU: gọi số {room}",
        "A terminal that is registered with the MCU: dial {room}",
    ),
    "way_pin": (
        "Nếu phòng họp có mã PIN, xin hỏi người tổ chức.",
        "If the room asks for a PIN, please ask who organises the meeting.",
    ),
    "called_before": (
        "MCU tự gọi các điểm cầu {minutes} phút trước giờ họp; xin bật thiết bị trước đó.",
        "The MCU calls the sites {minutes} minutes before the meeting; please have the terminal on by then.",
    ),
    "room_number": ("Phòng họp {room}", "Room {room}"),
    # --- set-up sheets
    "sheets": ("Phiếu cài đặt điểm cầu", "Set-up sheets of sites"),
    "sheet": ("PHIẾU CÀI ĐẶT ĐIỂM CẦU HỌP TRỰC TUYẾN", "SET-UP SHEET OF A SITE FOR MEETINGS OVER THE NETWORK"),
    "sheet_foot": (
        "Lập ngày {day}. Phiếu có mật khẩu: chỉ giao cho người phụ trách.",
        "Made on {day}. It holds passwords: for who is in charge of the site alone.",
    ),
    "sheet_code": ("(mã {code})", "(code {code})"),
    "sheet_empty": ("Điểm cầu chưa có thiết bị.", "The site has no terminal yet."),
    "sheet_try": (
        "<b>Kiểm tra:</b> gọi số <b>{room}</b>; nghe lời chào, thấy hình và nghe được phòng họp.",
        "<b>To try it:</b> dial <b>{room}</b>; there is a greeting, a picture, and the sound of the room.",
    ),
    "sip": ("SIP", "SIP"),
    "h323": ("H.323", "H.323"),
    "browser": ("Trình duyệt (SIP)", "Browser (SIP)"),
    "phone": ("Điện thoại", "Phone"),
    "called_number": ("Số được gọi đến", "Number that is called"),
    "e164": ("Số E.164", "E.164 number"),
    "h235_password": ("Mật khẩu (H.235)", "Password (H.235)"),
    "terminal_address": ("Địa chỉ của thiết bị", "Address of the terminal"),
    "no_gatekeeper": ("Gọi không qua gatekeeper", "To call without a gatekeeper"),
    "login": ("Tên đăng nhập", "User name"),
    "password": ("Mật khẩu", "Password"),
    "registration": ("Đăng ký", "Registration"),
    "by_address": ("không: nhận ra theo địa chỉ", "none: it is known by its address"),
    "registrar": ("Máy chủ SIP (registrar)", "SIP server (registrar)"),
    "transport": ("Giao thức truyền", "Transport"),
    "udp_or_tcp": ("UDP hoặc TCP", "UDP or TCP"),
    "display": ("Tên hiển thị", "Name that is shown"),
    # --- savings
    "savings": ("Báo cáo tiết kiệm nhờ họp trực tuyến", "What meetings over the network saved"),
    "period": ("Kỳ báo cáo", "Period"),
    "assumptions": ("Giả định", "Assumptions"),
    "conferences": ("Số phiên họp", "Conferences"),
    "people_one": ("Lượt người", "Journeys of people"),
    "vehicles": ("Lượt xe", "Journeys of vehicles"),
    "km": ("Quãng đường đi về (km)", "Ways there and back (km)"),
    "hours": ("Giờ đi đường", "Hours on the road"),
    "money": ("Tiền ({currency})", "Money ({currency})"),
    "co2": ("CO2 (kg)", "CO2 (kg)"),
    "total": ("Tổng cộng", "In all"),
    "unknown": ("Không rõ khoảng cách (điểm cầu)", "Sites whose distance is not known"),
    "a_per_vehicle": ("{value} người mỗi xe", "{value} people in a vehicle"),
    "a_speed": ("tốc độ trung bình {value} km/h", "{value} km/h on average"),
    "a_cost": ("{value} {currency} mỗi km xe chạy", "{value} {currency} for each km of a vehicle"),
    "a_hour": ("{value} {currency} mỗi giờ đi đường của một người", "{value} {currency} for an hour of a person"),
    "a_co2": ("{value} kg CO2 mỗi km xe chạy", "{value} kg of CO2 for each km of a vehicle"),
    "a_detour": ("đường bộ dài gấp {value} lần đường chim bay", "roads are {value} times as long as the crow flies"),
    "a_people": (
        "nơi không nhập số người thì tính số thường có, ít nhất {value} người",
        "where nobody entered the people, the usual number, at least {value}",
    ),
    "a_stay": (
        "chỉ tính điểm cầu có mặt từ {value} phút trở lên; phiên họp thử không tính",
        "sites that were there for {value} minutes or more; test sessions do not count",
    ),
}


def word(key: str, language: Language, **values: Any) -> str:
    return worded(_WORDS[key], language).format(**values)


def clock(at: float, zone: ZoneInfo, *, day: bool = False, seconds: bool = False) -> str:
    """08:30, or 23/11/2026 08:30."""
    shown = ("%d/%m/%Y " if day else "") + ("%H:%M:%S" if seconds else "%H:%M")
    return datetime.fromtimestamp(at, zone).strftime(shown)


def length(seconds: float) -> str:
    """1:05 is an hour and five minutes."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def figure(value: float, language: Language, digits: int = 0) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English."""
    text = f"{value:,.{digits}f}"
    return text if language == "en" else text.translate(str.maketrans(",.", ".,"))
