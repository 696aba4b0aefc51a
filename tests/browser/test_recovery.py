"""Whatever goes away comes back by itself, and the page says what is the matter meanwhile."""

from __future__ import annotations

from playwright.sync_api import expect


def test_parts_are_shown_up_or_down(page, control):
    for part in ("asterisk", "mixer", "control"):
        expect(page.locator(f'[data-part="{part}"]')).to_have_attribute("data-up", "yes")
    control.mixer_up = False
    control.notice("mixer_away", "The mixer is away; sound goes on")
    expect(page.locator('[data-part="mixer"]')).to_have_attribute("data-up", "no")
    expect(page.get_by_text("Bộ ghép hình đang dừng. Tiếng vẫn bình thường, hình sẽ tự trở lại.")).to_be_visible()
    control.mixer_up = True
    control.notice("mixer_restarted", "The mixer was restarted")
    expect(page.locator('[data-part="mixer"]')).to_have_attribute("data-up", "yes")
    expect(page.locator("#banner")).to_be_hidden()


def test_notices_are_listed_with_their_time(page, control):
    control.notice("asterisk_back", "Asterisk is back", level="info")
    expect(page.locator(".toast")).to_contain_text("Tổng đài đã chạy lại")
    expect(page.locator("#news-count")).to_have_text("1")
    page.get_by_role("button", name="Tổng đài").click()
    expect(page.locator("#news-list li")).to_contain_text("Tổng đài đã chạy lại")
    page.keyboard.press("Escape")
    expect(page.locator("#news")).to_be_hidden()
    expect(page.locator("#news-count")).to_be_hidden()


def test_control_goes_and_comes(page, control):
    control.join("1001", "Xã A")
    expect(page.locator(".row")).to_have_count(1)
    control.stop()
    expect(page.get_by_text("Bộ điều khiển đang khởi động lại. Các phiên họp vẫn tiếp tục")).to_be_visible()
    expect(page.locator('[data-part="control"]')).to_have_attribute("data-up", "no")
    expect(page.locator(".row")).to_have_count(1)  # what was known stays in sight
    page.get_by_role("button", name="Tắt mic: Xã A").click()
    expect(page.locator(".toast")).to_contain_text("Bộ điều khiển đang khởi động lại")
    control.join("1001", "Xã B")  # nobody hears this event
    control.start()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator("#banner")).to_be_hidden()


def test_the_page_opens_while_control_is_down(page, control):
    control.stop()
    page.reload()
    expect(page.locator('[data-part="control"]')).to_have_attribute("data-up", "no")
    control.start()
    expect(page.get_by_role("heading", name="Giao ban tuần")).to_be_visible()


def test_the_server_goes_and_comes(page, control, server):
    control.join("1001", "Xã A")
    expect(page.locator(".row")).to_have_count(1)
    server.stop()
    expect(page.get_by_text("Mất kết nối với máy chủ.")).to_be_visible()
    page.get_by_role("button", name="Tắt mic: Xã A").click()
    expect(page.locator(".toast")).to_contain_text("Không liên lạc được với máy chủ.")
    control.join("1001", "Xã B")
    server.start()
    expect(page.locator(".row")).to_have_count(2)  # still logged in: the key that signs sessions was kept
    expect(page.locator("#banner")).to_be_hidden()
    page.get_by_role("button", name="Tắt mic: Xã B").click()
    expect(page.get_by_role("button", name="Bật mic: Xã B")).to_be_visible()
