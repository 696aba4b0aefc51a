from __future__ import annotations

import re

from playwright.sync_api import expect


def test_layouts_are_drawn_and_the_current_one_is_lit(page, control):
    expect(page.get_by_role("radio", checked=True)).to_have_attribute("data-layout", "2x2")
    expect(page.locator('[data-layout="3x3"] .tile')).to_have_count(9)
    expect(page.locator('[data-layout="1+5"] .tile')).to_have_count(6)


def test_a_layout_is_chosen_and_taken_back(page, control):
    control.join("1001", "UBND xã Tân Lập")
    page.locator('[data-layout="1+5"]').click()
    expect(page.get_by_role("radio", checked=True)).to_have_attribute("data-layout", "1+5")
    assert control.rooms["1001"]["layout"] == "1+5"
    page.get_by_role("button", name="Hoàn tác", exact=True).click()
    expect(page.get_by_role("radio", checked=True)).to_have_attribute("data-layout", "2x2")
    assert control.rooms["1001"]["layout"] == "2x2"


def test_a_layout_is_chosen_by_keyboard(page, control):
    page.get_by_role("radio", checked=True).focus()
    page.keyboard.press("ArrowRight")
    wanted = page.evaluate("document.activeElement.dataset.layout")
    assert wanted != "2x2"
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", checked=True)).to_have_attribute("data-layout", wanted)
    assert control.rooms["1001"]["layout"] == wanted


def test_lock_and_unlock(page, control):
    page.get_by_role("button", name="Khoá phòng").click()
    expect(page.get_by_role("button", name="Đang khoá – mở khoá")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Phòng 1001.*đang khoá"))).to_be_visible()
    assert control.rooms["1001"]["locked"]
    page.get_by_role("button", name="Đang khoá – mở khoá").click()
    expect(page.get_by_role("button", name="Khoá phòng")).to_be_visible()
    assert not control.rooms["1001"]["locked"]


def test_another_room_is_opened_and_the_way_back_works(page, control):
    control.join("1002", "Trường THCS số 1")
    page.get_by_role("link", name=re.compile("Phòng 1002")).click()
    expect(page.get_by_role("heading", name="Tập huấn")).to_be_visible()
    expect(page.locator(".row strong")).to_have_text(["Trường THCS số 1"])
    expect(page).to_have_url(re.compile("/rooms/1002$"))
    page.go_back()
    expect(page.get_by_role("heading", name="Giao ban tuần")).to_be_visible()
    expect(page.locator(".row")).to_have_count(0)


def test_a_room_is_made_with_clear_errors_on_the_way(page, control):
    page.get_by_role("button", name="Tạo phòng").click()
    form = page.get_by_role("dialog", name="Tạo phòng")
    expect(form.get_by_label("Số phòng")).to_have_value("1003")  # the next free one
    form.get_by_label("Số phòng").fill("10 a")
    form.get_by_role("button", name="Tạo phòng").click()
    expect(form.get_by_text("Nhập từ 1 đến 16 chữ số")).to_be_visible()
    expect(form.get_by_text("Hãy đặt tên cho phòng.")).to_be_visible()
    form.get_by_label("Số phòng").fill("1001")
    form.get_by_label("Tên phòng").fill("Họp khẩn")
    form.get_by_role("button", name="Tạo phòng").click()
    expect(form.get_by_text("Đã có phòng mang số này.")).to_be_visible()
    form.get_by_label("Số phòng").fill("2000")
    form.get_by_label("Ai gọi số này").uncheck()
    form.get_by_role("button", name="Tạo phòng").click()
    expect(page.get_by_role("heading", name="Họp khẩn")).to_be_visible()
    expect(page.get_by_text("Chỉ thiết bị đã đăng ký")).to_be_visible()
    assert control.rooms["2000"]["guests"] is False


def test_a_room_is_changed(page, control):
    page.get_by_role("button", name="Sửa phòng").click()
    form = page.get_by_role("dialog", name="Sửa phòng 1001")
    expect(form.get_by_label("Số phòng")).not_to_be_editable()
    form.get_by_label("Tên phòng").fill("Giao ban tháng")
    form.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name="Giao ban tháng")).to_be_visible()


def test_guests_are_asked_for_a_pin(page, control):
    page.get_by_role("button", name="Sửa phòng").click()
    form = page.get_by_role("dialog", name="Sửa phòng 1001")
    form.get_by_label("Mã phòng họp").fill("12a")
    form.get_by_role("button", name="Lưu").click()
    expect(form.get_by_text("Nhập từ 4 đến 12 chữ số, hoặc để trống.")).to_be_visible()
    form.get_by_label("Mã phòng họp").fill("4711")
    form.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Khách phải nhập mã")).to_be_visible()
    page.get_by_role("button", name="Sửa phòng").click()
    expect(form.get_by_label("Mã phòng họp")).to_have_value("4711")
    form.get_by_label("Ai gọi số này").uncheck()
    expect(form.get_by_label("Mã phòng họp")).to_be_hidden()


def test_a_room_is_deleted_after_a_question(page, control):
    page.get_by_role("button", name="Xoá phòng").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Xoá phòng").click()
    expect(page.get_by_role("heading", name="Tập huấn")).to_be_visible()  # the room that is left
    assert set(control.rooms) == {"1002"}


def test_a_room_in_use_is_not_deleted(page, control):
    control.join("1001", "UBND xã Tân Lập")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("button", name="Xoá phòng").click()
    expect(page.get_by_text("Phòng đang họp. Chỉ xoá được phòng khi mọi điểm cầu đã ra.")).to_be_visible()
    assert "1001" in control.rooms


def test_a_room_that_does_not_exist(page):
    page.goto("/rooms/4242")
    expect(page.get_by_role("heading", name="Không có phòng 4242")).to_be_visible()


def test_the_still_is_shown_and_refreshed(page, control, jpeg):
    expect(page.get_by_text("Chưa có hình: chưa điểm cầu nào gửi hình.")).to_be_visible()
    control.stills["1001"] = jpeg
    picture = page.get_by_role("img", name="Hình ghép của phòng họp")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 320
    first = picture.get_attribute("src")
    expect(picture).not_to_have_attribute("src", first)
    del control.stills["1001"]
    expect(picture).to_be_hidden()


def test_viewers_see_but_cannot_touch(stranger, control):
    from tests.browser.conftest import log_in

    control.join("1001", "UBND xã Tân Lập")
    log_in(stranger, "viewer", "only looking")
    expect(stranger.locator(".row")).to_have_count(1)
    for name in ("Tắt mic: UBND xã Tân Lập", "Mời ra: UBND xã Tân Lập", "Khoá phòng", "Tạo phòng", "Tắt mic tất cả"):
        expect(stranger.get_by_role("button", name=name, exact=True)).to_be_disabled()
    expect(stranger.get_by_role("radio", checked=True)).to_be_disabled()
