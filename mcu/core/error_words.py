"""Why something failed, by its error's id (mcu/errors.py), as part of a sentence for people who do not read English.

The panel says the same in web/static/js/faults.js.
"""

from __future__ import annotations

from collections.abc import Mapping

from mcu.core.languages import Language

# Of an error's own sentence, which is English and may name more, this is the Vietnamese.
VIETNAMESE: Mapping[str, str] = {
    "asterisk_down": "tổng đài đang dừng",
    "bad_request": "hệ thống không chấp nhận yêu cầu này",
    "busy": "hệ thống đang bận",
    "conflict": "trạng thái hiện tại không cho phép",
    "gateway_down": "cổng H.323 đang dừng",
    "internal": "lỗi bên trong hệ thống",
    "mixer_down": "bộ ghép hình đang dừng",
    "no_trunk": "chưa có đường điện thoại",
    "not_found": "không tìm thấy đối tượng cần dùng",
    "not_permitted": "không có quyền thực hiện",
    "number_abroad": "không được gọi số nước ngoài",
    "participant_not_found": "điểm cầu đã rời phòng họp",
    "room_not_found": "phòng họp không còn nữa",
    "timed_out": "hệ thống không trả lời kịp",
    "unavailable": "hệ thống tạm thời không sẵn sàng",
}


def error_in_words(error_id: str, said: str, language: Language) -> str:
    """``said``: the error's own sentence; that of one that is not known here, which a newer version may name, stays."""
    return VIETNAMESE.get(error_id, said) if language == "vi" else said
