"""What a participant's terminal is, the traces of its H.323 call, and the terminals that are registered."""

from __future__ import annotations

import copy
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import log_in
from tests.web.test_gateway import CALL, TAG


@pytest.fixture
def h323(control):
    """Control with one H.323 call in room 1001."""
    control.h323.append(copy.deepcopy(CALL))
    control.join("1001", "UBND xã Tân Lập", "7001", device="Polycom HDX 8000 3.1.0", h323=copy.deepcopy(CALL))
    return control


def details(page: Page, name: str) -> Locator:
    page.get_by_role("button", name=f"Chi tiết về {name}", exact=True).click()
    return page.get_by_role("region", name=f"Chi tiết về {name}", exact=True)


def fact(place: Locator, name: str) -> Locator:
    return (
        place.locator("div").filter(has=place.page.locator("dt").filter(has_text=re.compile(f"^{name}$"))).locator("dd")
    )


def test_what_was_negotiated_is_told(page, h323):
    place = details(page, "UBND xã Tân Lập")
    for name, value in (
        ("Thiết bị", "Polycom HDX 8000 3.1.0"),
        ("Giao thức", "H.323"),
        ("Địa chỉ", "10.0.0.7:1720"),
        ("Số và bí danh", "2001, xa1"),
        ("Trễ khứ hồi", "23 ms"),
        ("H.239 \\(trình chiếu\\)", "có"),
    ):
        expect(fact(place, name)).to_have_text(value)
    cells = place.locator('[data-medium="audio"] td span')
    expect(cells).to_have_text(["G.722 · 64 kbit/s", "G.711 A · 64 kbit/s"])
    expect(place.locator('[data-medium="video"] td span')).to_have_text(["H.264 · 1,02 Mbit/s", "–"])
    page.get_by_role("button", name="Chi tiết về UBND xã Tân Lập").click()
    expect(place).to_have_count(0)


def test_a_sip_terminal_has_a_device_and_no_gateway(page, control):
    control.join("1001", "Xã A", "7002", device="Yealink VC400 30.71", codec="h264")
    place = details(page, "Xã A")
    expect(fact(place, "Thiết bị")).to_have_text("Yealink VC400 30.71")
    expect(fact(place, "Giao thức")).to_have_text("SIP")
    expect(place.locator(".media, .trace-acts").filter(visible=True)).to_have_count(0)
    assert not [name for name, _ in control.calls if name.startswith("h323.")]


def test_a_telephone_is_told_as_one(page, control):
    control.join("1001", "Điện thoại …678", "0912345678", telephone=True)
    place = details(page, "Điện thoại …678")
    expect(fact(place, "Giao thức")).to_have_text("điện thoại")
    expect(fact(place, "Số gọi")).to_have_text("0912345678")


def test_one_is_open_at_a_time_and_follows_what_happens(page, h323):
    someone = h323.join("1001", "Xã B", device="old")
    details(page, "UBND xã Tân Lập")
    place = details(page, "Xã B")
    expect(page.locator(".details")).to_have_count(1)
    h323.change(someone, device="new")
    expect(fact(place, "Thiết bị")).to_have_text("new")
    h323.leave(someone)
    expect(page.locator(".details")).to_have_count(0)


def test_an_administrator_traces_by_keyboard(page, h323):
    page.get_by_role("button", name="Chi tiết về UBND xã Tân Lập").focus()
    page.keyboard.press("Enter")
    page.locator(".site-acts button:visible").last.focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Ghi bản tin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Thôi ghi bản tin")).to_be_focused()
    assert h323.h323[0]["trace"] is True
    with page.expect_download() as text:
        page.get_by_role("button", name="Bản giải mã").click()
    assert text.value.suggested_filename == f"h323-{TAG}.txt"
    assert text.value.path().read_text() == "0.000 <- setup\n"
    with page.expect_download() as packets:
        page.get_by_role("button", name="Gói tin").click()
    assert packets.value.suggested_filename == f"h323-{TAG}.pcap"
    assert packets.value.path().read_bytes() == b"\xd4\xc3\xb2\xa1"
    page.get_by_role("button", name="Thôi ghi bản tin").click()
    expect(page.get_by_role("button", name="Ghi bản tin")).to_have_attribute("aria-pressed", "false")
    assert h323.h323[0]["trace"] is False


def test_others_have_no_traces(stranger, h323):
    log_in(stranger, "viewer", "only looking")
    place = details(stranger, "UBND xã Tân Lập")
    expect(fact(place, "Giao thức")).to_have_text("H.323")
    expect(place.get_by_role("button")).to_have_count(0)


def test_a_gateway_that_is_away_is_told_where_it_matters(page, h323):
    h323.gateway_goes()
    expect(page.locator('[data-part="h323"]')).to_have_attribute("data-up", "no")
    expect(page.locator(".toast")).to_contain_text("Cổng H.323 đã dừng")
    expect(page.locator("#banner")).to_contain_text("Cổng H.323 đang dừng.")
    place = details(page, "UBND xã Tân Lập")
    expect(place.get_by_text("Cổng H.323 đang không hoạt động: đây là thông tin biết được lần cuối.")).to_be_visible()
    expect(fact(place, "Thiết bị")).to_have_text("Polycom HDX 8000 3.1.0")
    page.get_by_role("button", name="Thiết bị H.323", exact=True).click()
    window = page.get_by_role("dialog", name="Thiết bị H.323 đang đăng ký")
    expect(window.get_by_text("Cổng H.323 đang không hoạt động.")).to_be_visible()
    h323.gateway_comes()
    expect(page.locator('[data-part="h323"]')).to_have_attribute("data-up", "yes")
    expect(page.locator("#banner")).to_be_hidden()
    expect(window.get_by_role("row")).to_have_count(2)  # the window looks again by itself
    expect(place.get_by_text("đây là thông tin biết được lần cuối")).to_be_hidden()


def test_registered_terminals_are_listed(page, control):
    control.add_terminal("xa1", "<b>UBND xã Tân Lập</b>")
    page.get_by_role("button", name="Thiết bị H.323", exact=True).click()
    window = page.get_by_role("dialog", name="Thiết bị H.323 đang đăng ký")
    row = window.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row.get_by_role("rowheader")).to_have_text("<b>UBND xã Tân Lập</b>")
    expect(row.get_by_role("cell")).to_have_text(["2001, xa1", "10.0.0.7:1720", "HDX 8000", "md5", "2 giây trước", "1"])
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
    expect(page.get_by_role("button", name="Thiết bị H.323", exact=True)).to_be_focused()


def test_h323_that_is_switched_off_is_no_fault(page, control):
    control.gateway.update(enabled=False, connected=False)
    page.reload()
    expect(page.get_by_role("heading", name="Giao ban tuần")).to_be_visible()
    expect(page.locator('[data-part="h323"]')).to_be_hidden()
    expect(page.locator("#banner")).to_be_hidden()
    page.get_by_role("button", name="Thiết bị H.323", exact=True).click()
    expect(page.get_by_text("H.323 đang tắt trong cài đặt của hệ thống.")).to_be_visible()


def test_what_a_terminal_says_never_becomes_markup(page, control):
    evil = '<img src=x onerror="document.title=1">'
    told = copy.deepcopy(CALL) | {"aliases": [evil], "product": evil, "address": evil}
    told["media"]["audio"]["to_terminal"]["codec"] = evil
    control.h323.append(told)
    control.join("1001", "Xã A", device=evil, h323=told)
    place = details(page, "Xã A")
    expect(fact(place, "Thiết bị")).to_have_text(evil)
    expect(fact(place, "Số và bí danh")).to_have_text(evil)
    expect(place.locator("img")).to_have_count(0)
    expect(page).to_have_title(re.compile("Giao ban tuần"))
