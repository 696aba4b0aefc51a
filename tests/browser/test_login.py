from __future__ import annotations

import contextlib
import re

from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import log_in


def test_a_wrong_password_is_told_and_the_right_one_opens(stranger):
    log_in(stranger, password="wrong")
    expect(stranger.get_by_role("alert")).to_have_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    expect(stranger.get_by_label("Tên đăng nhập")).to_have_value("admin")
    expect(stranger.get_by_label("Mật khẩu")).to_be_focused()
    log_in(stranger)
    expect(stranger.get_by_role("heading", name="Giao ban tuần")).to_be_visible()


def test_login_leads_to_the_room_that_was_wanted(stranger):
    stranger.goto("/rooms/1002")
    log_in(stranger)
    expect(stranger.get_by_role("heading", name="Tập huấn")).to_be_visible()
    expect(stranger).to_have_url(re.compile("/rooms/1002$"))


def test_logout(page):
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()


def test_a_session_that_ends_leads_to_the_login(page, accounts, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    mute = page.get_by_role("button", name="Tắt mic: UBND xã Tân Lập")
    expect(mute).to_be_visible()
    accounts.passwords["admin"] = "changed meanwhile"
    with contextlib.suppress(TimeoutError):  # the still, asked for each second, may lead there first
        mute.click(timeout=3000)
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()
    assert not control.people[someone]["muted"]


def test_english(page, control):
    control.join("1001", "UBND xã Tân Lập")
    page.get_by_role("link", name="EN").click()
    expect(page.get_by_role("button", name="Mute all", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Mute: UBND xã Tân Lập")).to_be_visible()
