"""Running a meeting in the panel, on the real control process: modes, roll call, hands, banner, undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mcu.config import Asterisk, Settings, Web
from mcu.core.events import Muted
from tests.browser.conftest import PATIENCE, Server, log_in
from tests.fakes.accounts import FakeAccounts
from tests.fakes.house import House, free_port, house_of
from tests.waiting import until_blocking

TAN_LAP, BAC_KAN, HUE = "0a0b0c01", "0a0b0c02", "0a0b0c03"
NAMES = {TAN_LAP: "UBND xã Tân Lập", BAC_KAN: "Hội trường Bắc Kạn", HUE: "Điểm cầu Huế"}


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    agi_port = free_port()
    return Settings(
        home=tmp_path, web=Web(operators=20), asterisk=Asterisk(agi_port=agi_port), admin_password="right horse"
    )


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    with house_of(settings) as house:
        for ident, name in NAMES.items():
            house.happens(house.switch.join, ident, "1001", name=name, number="7001")
        yield house


@pytest.fixture
def page(browser: Browser, house: House, settings: Settings) -> Iterator[Page]:
    server = Server(settings, FakeAccounts())
    context = browser.new_context(base_url=server.url, locale="vi-VN", viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto("/")
    log_in(page)
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator("#conduct")).to_be_visible()
    yield page
    context.close()
    server.stop()
    assert faults == []


def site(page: Page, ident: str) -> Locator:
    return page.locator(f".row[data-id='{ident}']")


def do(page: Page, ident: str, act: str) -> None:
    row = site(page, ident)
    if row.locator(".details").count() == 0:
        row.get_by_role("button", name=re.compile("^Chi tiết")).click()
    row.locator(".site-acts").get_by_role("button", name=act, exact=True).click()


def act(house: House, **what: Any) -> Any:
    return house.do(house.control.acts.act(None, {"room": "1001", **what}))


def muted(house: House) -> dict[str, bool]:
    return {member.participant: member.muted for member in house.switch.members.values()}


def test_a_site_is_shown_to_all_and_undone(page: Page, house: House) -> None:
    expect(page.locator("#mode-text")).to_contain_text("Thảo luận")
    do(page, HUE, "Phát điểm cầu")
    expect(page.locator("#mode-text")).to_have_text(f"Đang phát điểm cầu {NAMES[HUE]}")
    expect(site(page, HUE).get_by_text("đang phát", exact=True)).to_be_visible()
    page.get_by_role("button", name="Hoàn tác: phát điểm cầu").click()
    expect(page.locator("#mode-text")).to_contain_text("Thảo luận")
    expect(page.get_by_role("button", name=re.compile("^Hoàn tác"))).to_be_hidden()


def test_the_floor_closes_the_other_microphones_and_free_talk_opens_them(page: Page, house: House) -> None:
    do(page, BAC_KAN, "Mời phát biểu")
    for ident in (TAN_LAP, HUE):
        expect(site(page, ident).get_by_text("mic đang tắt")).to_be_visible()
    assert muted(house) == {TAN_LAP: True, BAC_KAN: False, HUE: True}
    page.locator("#free-talk").click()
    for ident in (TAN_LAP, HUE):
        expect(site(page, ident).get_by_text("mic đang tắt")).to_be_hidden()
    assert not any(muted(house).values())


def test_raised_hands_stand_in_order_and_get_the_floor(page: Page, house: House) -> None:
    expect(page.locator("#hands")).to_be_hidden()
    act(house, act="hand", participant=HUE, on=True)
    act(house, act="hand", participant=TAN_LAP, on=True)
    names = page.locator("#hands-list li > span")
    expect(names).to_have_count(2)
    expect(names.first).to_contain_text(NAMES[HUE])
    expect(site(page, TAN_LAP).get_by_text("xin phát biểu")).to_be_visible()
    page.get_by_role("button", name="Mời người kế tiếp").click()
    expect(page.locator("#mode-text")).to_have_text(f"Mời {NAMES[HUE]} phát biểu")
    expect(names).to_have_count(1)


def test_the_roll_is_called_in_order(page: Page, house: House) -> None:
    page.get_by_role("button", name="Điểm danh", exact=True).click()
    entries = page.locator("#roll-list .roll-entry")
    expect(entries).to_have_count(3)
    first = entries.first.locator("span").inner_text()
    expect(page.locator("#mode-text")).to_have_text(f"Điểm danh: {first}")
    page.get_by_role("button", name="Có mặt, tiếp").click()
    expect(entries.first).to_contain_text("có mặt")
    page.get_by_role("button", name="Vắng, tiếp").click()
    expect(page.locator("#roll-count")).to_have_text("1 có mặt, 1 vắng, còn 1")
    page.get_by_role("button", name="Kết thúc điểm danh").click()
    expect(page.locator("#roll")).to_be_hidden()
    until_blocking(lambda: not any(muted(house).values()), "all may talk")


def test_a_text_over_the_picture(page: Page, house: House) -> None:
    page.locator("#show-banner").click()
    page.get_by_label("Nội dung mọi điểm cầu nhìn thấy").fill("Đề nghị các điểm cầu <tắt mic>")
    page.get_by_role("button", name="Hiện chữ", exact=True).click()
    expect(page.locator("#show-banner")).to_have_attribute("aria-pressed", "true")
    page.locator("#show-banner").click()
    expect(page.get_by_label("Nội dung mọi điểm cầu nhìn thấy")).to_have_value("Đề nghị các điểm cầu <tắt mic>")
    page.get_by_role("button", name="Bỏ chữ").click()
    expect(page.locator("#show-banner")).to_have_attribute("aria-pressed", "false")


def test_what_happens_to_microphones_elsewhere_is_seen(page: Page, house: House) -> None:
    member = next(m for m in house.switch.members.values() if m.participant == HUE)
    event = Muted(at=1.0, participant=HUE, channel=member.channel, room="1001", on=True)
    house.happens(house.control.controller.happened, event)
    expect(site(page, HUE).get_by_text("mic đang tắt")).to_be_visible()


def test_all_microphones_are_closed_and_as_they_were_again(page: Page, house: House) -> None:
    act(house, act="mute", participant=HUE, on=True)
    expect(site(page, HUE).get_by_text("mic đang tắt")).to_be_visible()
    page.get_by_role("button", name="Tắt mic tất cả", exact=True).click()
    for ident in (TAN_LAP, BAC_KAN, HUE):
        expect(site(page, ident).get_by_text("mic đang tắt")).to_be_visible()
    assert all(muted(house).values())
    toast = page.locator(".toast").filter(has_text="Đã tắt mic của tất cả")
    toast.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("Đã hoàn tác")).to_be_visible()
    for ident in (TAN_LAP, BAC_KAN):
        expect(site(page, ident).get_by_text("mic đang tắt")).to_be_hidden()
    assert muted(house) == {TAN_LAP: False, BAC_KAN: False, HUE: True}
    assert house.control.controller.bridge.conferences["1001"].done.name == "mute"  # no further step was made


@pytest.mark.parametrize("button", ["Tắt mic tất cả", "Khoá phòng", "Tắt mic: UBND xã Tân Lập"])
def test_a_late_way_back_takes_back_nothing_of_others(page: Page, house: House, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    back = page.locator(".toast").get_by_role("button", name="Hoàn tác")
    expect(back).to_be_visible()
    act(house, act="layout", layout="1+5")
    was = muted(house), house.control.controller.bridge.rooms["1001"].locked
    back.click()
    expect(page.get_by_text("Đã có thao tác khác sau đó")).to_be_visible()
    room = house.control.controller.bridge.rooms["1001"]
    assert (muted(house), room.locked, room.config.layout) == (*was, "1+5")
