"""Terminals that the bridge calls: the window that calls one, and the list of what becomes of each call."""

from __future__ import annotations

import re
import time
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in


def call(page: Page, name: str) -> Locator:
    return page.locator(".call").filter(has_text=name)


def open_dialog(page: Page) -> Locator:
    page.get_by_role("button", name="Gọi thiết bị", exact=True).click()
    return page.get_by_role("dialog", name="Gọi thiết bị vào phòng Giao ban tuần")


@pytest.fixture
def terminals(control):
    control.add_terminal("xa1", "UBND xã Tân Lập", address="10.0.0.7")
    control.add_terminal("xa2", "UBND xã Yên Minh", protocol="sip")
    control.add_terminal("net", "Mạng nội bộ", protocol="sip", address="10.1.0.0/24")
    return control


def test_a_known_terminal_is_found_and_called(page, terminals):
    form = open_dialog(page)
    expect(form.locator("[name=terminal] option")).to_have_count(3)
    expect(form.get_by_role("option", name="Mạng nội bộ")).to_be_disabled()  # no address to call
    form.get_by_role("button", name="Gọi", exact=True).click()
    expect(form.get_by_text("Hãy chọn một thiết bị.")).to_be_visible()
    form.get_by_placeholder("Tìm thiết bị").fill("tan lap")  # without tone marks
    expect(form.locator("[name=terminal] option")).to_have_text(["UBND xã Tân Lập · H.323"])
    form.get_by_label("Nếu không gọi được").select_option("3")
    form.get_by_role("button", name="Gọi", exact=True).click()
    expect(form).to_be_hidden()
    expect(call(page, "UBND xã Tân Lập")).to_contain_text("đang gọi…")
    assert terminals.calls[[name for name, _ in terminals.calls].index("call.dial")] == (
        "call.dial",
        {"room": "1001", "terminal": "xa1", "tries": 3},
    )


def test_an_address_is_called_by_keyboard_alone(page, terminals):
    page.get_by_role("button", name="Gọi thiết bị", exact=True).focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Gọi thiết bị vào phòng")
    expect(form.get_by_placeholder("Tìm thiết bị")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(form.get_by_label("Địa chỉ", exact=False).and_(form.get_by_role("textbox"))).to_be_focused()
    page.keyboard.type("10.0.0.9")
    page.keyboard.press("Enter")
    expect(form.get_by_text("Nhập địa chỉ bắt đầu bằng sip:, h323: hoặc tel:")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("sip:a;b@10.0.0.9")  # only the server knows that this is none
    page.keyboard.press("Enter")
    expect(form.get_by_text("Không gọi được địa chỉ này.")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("h323:2001@10.0.0.9")
    page.keyboard.press("Tab")
    page.keyboard.type("Điểm cầu lưu động")
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(call(page, "Điểm cầu lưu động")).to_contain_text("h323:2001@10.0.0.9")


def test_without_known_terminals_the_address_is_asked_for(page):
    form = open_dialog(page)
    expect(form.get_by_role("radio", name="Địa chỉ")).to_be_checked()


def test_a_terminal_that_is_being_called_is_not_called_twice(page, terminals):
    terminals.on_call_dial("1001", terminal="xa2")
    form = open_dialog(page)
    form.get_by_label("Thiết bị đã khai báo").and_(form.get_by_role("listbox")).select_option("xa2")
    form.get_by_role("button", name="Gọi", exact=True).click()
    expect(form.get_by_text("Thiết bị này đang được gọi rồi.")).to_be_visible()


REASONS = [
    ("busy", "bận"),
    ("no_answer", "không trả lời"),
    ("unreachable", "không liên lạc được"),
    ("refused", "từ chối"),
    ("not_found", "số không tồn tại"),
    ("codec", "không có codec chung"),
    ("failed", "cuộc gọi bị lỗi"),
]


def test_what_becomes_of_a_call_is_seen(page, control):
    ident = control.on_call_dial("1001", "h323:10.0.0.7", name="UBND xã Tân Lập")["id"]
    control.on_call_dial("1002", "h323:10.0.0.8", name="Ở phòng khác")
    row = call(page, "UBND xã Tân Lập")
    expect(row).to_contain_text("đang gọi…")
    expect(row.get_by_role("button", name="Gọi lại ngay")).to_be_hidden()
    control.change_call(ident, state="waiting", reason="busy", failures=1, retry_at=time.time() + 3600)
    expect(row).to_contain_text(re.compile(r"bận; gọi lại sau (60:00|59:\d\d)"))
    before = row.locator(".call-state").text_content()
    expect(row.locator(".call-state")).not_to_have_text(before)  # it counts down
    control.change_call(ident, state="dialling", retry_at=None)
    expect(row).to_contain_text("đang gọi, lần 2…")
    for reason, words in REASONS:
        control.change_call(ident, state="failed", reason=reason)
        expect(row).to_contain_text(f"không gọi được: {words}")
    expect(page.get_by_role("button", name="1 không gọi được")).to_be_visible()
    expect(page.locator(".call")).to_have_count(1)
    control.change_call(ident, state="answered")
    expect(page.locator(".call")).to_have_count(0)
    expect(page.locator("#calls")).to_be_hidden()


def test_calls_are_made_again_and_ended(page, control):
    ident = control.on_call_dial("1001", "h323:10.0.0.7", name="UBND xã Tân Lập")["id"]
    control.change_call(ident, state="failed", reason="no_answer", failures=1)
    page.get_by_role("button", name="Gọi lại ngay: UBND xã Tân Lập").click()
    expect(call(page, "UBND xã Tân Lập")).to_contain_text("đang gọi")
    page.get_by_role("button", name="Thôi gọi: UBND xã Tân Lập").click()
    expect(page.locator(".call")).to_have_count(0)
    assert not control.outgoing
    expect(page.get_by_role("button", name="Gọi thiết bị", exact=True)).to_be_focused()


def test_a_call_that_is_gone_already(page, control):
    control.on_call_dial("1001", "h323:10.0.0.7", name="Xã A")
    expect(page.locator(".call")).to_have_count(1)
    control.outgoing.clear()  # and the page does not know yet
    page.get_by_role("button", name="Thôi gọi: Xã A").click()
    expect(page.get_by_text("Cuộc gọi này không còn trong danh sách.")).to_be_visible()


def test_that_a_call_failed_is_told_in_any_room(page, control):
    control.notice("call_failed", "in the log only", name="UBND xã Tân Lập", reason="no_answer")
    expect(page.locator(".toast")).to_contain_text("Gọi UBND xã Tân Lập không được: không trả lời")


def test_notices_name_whom_they_are_about_as_text(page, control):
    name = "<b>UBND</b> xã Ea Kao"
    control.notice("site_lost", "in the log only", name=name, reason="unreachable", again=True, room="1001")
    expect(page.locator(".toast")).to_contain_text(f"Cuộc gọi của {name} bị đứt (không liên lạc được); đang gọi lại")
    control.notice("room_full", "in the log only", room="2002", people=60)
    expect(page.locator("#news-list li").first).to_have_text(re.compile("Phòng 2002 đã đủ 60 điểm cầu"))
    control.notice("help", "kept by an older version")
    expect(page.locator("#news-list li").first).to_have_text(re.compile("kept by an older version"))
    expect(page.locator("#news-list b, .toast b")).to_have_count(0)


def test_why_a_step_of_a_meeting_failed_is_told_in_the_language_of_the_page(page, control):
    step = {"title": "Giao ban", "room": "3003", "reason": "there is no room 3003"}
    control.notice("meeting_step_failed", "in the log only", **step, error="room_not_found")
    newest = page.locator("#news-list li").first
    expect(newest).to_have_text(re.compile(r"một bước không thực hiện được \(phòng họp không còn nữa\)"))
    page.goto(urljoin(page.url, "/language/en"))
    expect(newest).to_have_text(re.compile(r"a step failed \(there is no room 3003\)"))
    page.goto(urljoin(page.url, "/language/vi"))
    control.notice("meeting_step_failed", "in the log only", **step, error="of_a_newer_version")
    expect(newest).to_have_text(re.compile(r"một bước không thực hiện được \(there is no room 3003\)"))


def test_calls_are_there_after_control_was_away(page, control):
    control.on_call_dial("1001", "h323:10.0.0.7", name="Xã A")
    expect(page.locator(".call")).to_have_count(1)
    control.stop()
    control.on_call_dial("1001", "h323:10.0.0.8", name="Xã B")  # nobody hears this event
    control.start()
    expect(page.locator(".call")).to_have_count(2)


def test_names_in_calls_never_become_markup(page, control):
    name = '<img src=x onerror="document.title=1">'
    control.add_terminal("evil", name, address="10.0.0.7")
    ident = control.on_call_dial("1001", terminal="evil")["id"]
    control.change_call(ident, state="failed", reason="<b>x</b>")
    expect(page.locator(".call strong")).to_have_text(name)
    form = open_dialog(page)
    expect(form.locator("[name=terminal] option")).to_have_text([f"{name} · H.323"])
    expect(page.locator(".call img, .call b, #dial img")).to_have_count(0)
    expect(page).to_have_title(re.compile("Giao ban tuần"))


def test_viewers_see_calls_but_cannot_touch_them(stranger, control):
    ident = control.on_call_dial("1001", "h323:10.0.0.7", name="Xã A")["id"]
    control.change_call(ident, state="failed", reason="busy")
    log_in(stranger, "viewer", "only looking")
    expect(stranger.locator(".call")).to_contain_text("bận")
    for name in ("Gọi thiết bị", "Gọi lại ngay: Xã A", "Bỏ: Xã A"):
        expect(stranger.get_by_role("button", name=name, exact=True)).to_be_disabled()
