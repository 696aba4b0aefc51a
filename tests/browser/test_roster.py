from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

TALKING = re.compile(r"\bis-talking\b")


def row(page: Page, name: str) -> Locator:
    return page.locator(".row").filter(has_text=name)


def test_a_presentation_is_no_site(page, control):
    presenter = control.join("1001", "Hội trường tỉnh", picture="live")
    control.join("1001", "Hội trường tỉnh", picture="live", muted=True, kind="presentation", presents=presenter)
    expect(page.locator(".row")).to_have_count(2)
    expect(page.get_by_text("1 điểm cầu trong phòng")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Phòng 1001")).locator("b")).to_have_text("1")
    slides = page.locator(".row").filter(has_text="trình chiếu")
    expect(slides).to_have_count(1)
    expect(slides.get_by_role("button", name=re.compile("mic"))).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Đã tắt mic"))).to_contain_text("0")


def test_participants_come_and_go_as_it_happens(page, control):
    expect(page.get_by_text("Chưa có điểm cầu nào")).to_be_visible()
    someone = control.join("1001", "UBND xã Tân Lập", "7001", kind="terminal", picture="live", video=True)
    control.join("1002", "Ở phòng khác")
    tan_lap = row(page, "UBND xã Tân Lập")
    expect(tan_lap).to_contain_text("7001")
    expect(tan_lap).to_contain_text("có hình")
    expect(tan_lap).to_contain_text("vào ")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.get_by_role("link", name="Phòng 1002, Tập huấn, 1 điểm cầu")).to_be_visible()
    control.leave(someone)
    expect(page.locator(".row")).to_have_count(0)


def test_the_talking_light_follows_the_voice(page, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    expect(row(page, "UBND xã Tân Lập")).not_to_have_class(TALKING)
    control.change(someone, talking=True)
    expect(row(page, "UBND xã Tân Lập")).to_have_class(TALKING)
    expect(row(page, "UBND xã Tân Lập").get_by_text("đang nói")).to_be_visible()
    control.change(someone, talking=False)
    expect(row(page, "UBND xã Tân Lập")).not_to_have_class(TALKING)


TALK = [{"talking": True}, {"talking": False}]
MUTE = [{"muted": True}, {"picture": "waiting"}, {"picture": "stalled"}]


@pytest.mark.parametrize(("width", "states"), [(1920, TALK + MUTE), (1440, TALK + MUTE), (1024, TALK), (390, TALK)])
def test_rows_keep_their_place_whatever_happens(page, control, width, states):
    """Nobody wants to hit another site's button because somebody coughed; on small screens muting may move rows."""
    page.set_viewport_size({"width": width, "height": 900})
    above = control.join("1001", "UBND xã Tân Lập", "7001", kind="terminal", picture="live", joined_at=1_000.0)
    below = control.join("1001", "UBND xã Yên Minh", "7002", picture="live")
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator("#conduct")).to_be_visible()
    before = row(page, "UBND xã Yên Minh").bounding_box()["y"]
    for n, state in enumerate(states):
        control.change(above, **state)
        control.change(below, number=f"800{n}")  # when this is drawn, so is the other
        expect(row(page, "UBND xã Yên Minh")).to_contain_text(f"800{n}")
        assert row(page, "UBND xã Yên Minh").bounding_box()["y"] == before, state


@pytest.mark.parametrize("width", [1440, 390])
def test_rows_keep_their_place_when_the_acts_come_late(page, control, width):
    """What is above a row asks for more than the list does: a slow answer moved every button under the pointer."""
    page.set_viewport_size({"width": width, "height": 900})
    control.join("1002", "UBND xã Yên Minh")
    held: list[Route] = []
    page.route("**/rooms/1002/direction", lambda route: held.append(route))
    page.get_by_role("link", name=re.compile("^Phòng 1002")).click()
    someone = row(page, "UBND xã Yên Minh")
    expect(someone).to_be_visible()
    expect(page.locator("#conduct")).to_be_hidden()
    while not held:  # the request
        page.wait_for_timeout(10)
    before = someone.bounding_box()["y"]
    held.pop().continue_()
    expect(page.locator("#conduct")).to_be_visible()
    assert someone.bounding_box()["y"] == before


def test_the_state_of_the_picture_is_told(page, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    for state, words in (
        ("none", "không có hình"),
        ("waiting", "đang chờ hình"),
        ("live", "có hình"),
        ("stalled", "hình bị đứng"),
    ):
        control.change(someone, picture=state)
        expect(row(page, "UBND xã Tân Lập").locator(".picture")).to_have_text(words)


def test_mute_and_undo(page, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    page.get_by_role("button", name="Tắt mic: UBND xã Tân Lập").click()
    expect(row(page, "UBND xã Tân Lập").get_by_text("mic đang tắt")).to_be_visible()
    assert control.people[someone]["muted"]
    toast = page.get_by_role("status").filter(has_text="Đã tắt mic của UBND xã Tân Lập")
    toast.get_by_role("button", name="Hoàn tác", exact=True).click()
    expect(page.get_by_role("button", name="Tắt mic: UBND xã Tân Lập")).to_be_visible()
    assert not control.people[someone]["muted"]


def test_what_another_operator_does_is_seen(page, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    control.change(someone, muted=True)
    expect(page.get_by_role("button", name="Bật mic: UBND xã Tân Lập")).to_be_visible()


def test_mute_all_and_undo(page, control):
    a = control.join("1001", "Xã A")
    b = control.join("1001", "Xã B", muted=True)
    page.get_by_role("button", name="Tắt mic tất cả", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Bật mic: "))).to_have_count(2)
    page.get_by_role("button", name="Hoàn tác", exact=True).click()
    expect(page.get_by_role("button", name="Tắt mic: Xã A")).to_be_visible()
    assert (control.people[a]["muted"], control.people[b]["muted"]) == (False, True)


def test_kick_asks_first(page, control):
    control.join("1001", "UBND xã Tân Lập")
    page.get_by_role("button", name="Mời ra: UBND xã Tân Lập").click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Mời UBND xã Tân Lập ra khỏi phòng?")
    question.get_by_role("button", name="Huỷ").click()
    expect(question).to_be_hidden()
    assert len(control.people) == 1
    page.get_by_role("button", name="Mời ra: UBND xã Tân Lập").click()
    question.get_by_role("button", name="Mời ra khỏi phòng").click()
    expect(page.locator(".row")).to_have_count(0)
    assert not control.people


def test_a_refusal_is_told_in_plain_words(page, control, monkeypatch):
    someone = control.join("1001", "UBND xã Tân Lập")
    button = page.get_by_role("button", name="Tắt mic: UBND xã Tân Lập")
    expect(button).to_be_visible()
    del control.people[someone]  # gone, and the page does not know yet
    button.click()
    expect(page.get_by_text("Điểm cầu này đã ra khỏi phòng.")).to_be_visible()


def test_names_never_become_markup(page, control):
    name = '<img src=x onerror="document.title=1"><b>Xã</b>'
    control.join("1001", name, "<i>1</i>")
    control.notice("unknown_code", "<b>bold</b>")
    expect(page.locator(".row strong")).to_have_text(name)
    expect(page.locator(".row img, .row b, .row i:not(.bars i), .toast b")).to_have_count(0)
    expect(page).to_have_title(re.compile("Giao ban tuần"))


def test_two_hundred_sites_are_found_by_search_and_filter(page, control):
    for n in range(200):
        control.join("1001", f"UBND xã số {n}", str(7000 + n), muted=n % 10 == 0, picture="live" if n % 2 else "none")
    expect(page.locator(".row")).to_have_count(200)
    expect(page.locator(".row strong").nth(10)).to_have_text("UBND xã số 10")  # numbers in order, not as letters
    page.get_by_placeholder("Tìm điểm cầu").fill("xa so 17")  # without tone marks
    expect(page.locator(".row:visible")).to_have_count(11)
    page.get_by_placeholder("Tìm điểm cầu").fill("7123")
    expect(page.locator(".row:visible")).to_have_count(1)
    page.get_by_placeholder("Tìm điểm cầu").fill("")
    page.get_by_role("button", name="Đã tắt mic 20").click()
    expect(page.locator(".row:visible")).to_have_count(20)
    page.get_by_role("button", name="Chưa có hình 100").click()
    expect(page.locator(".row:visible")).to_have_count(100)


def test_sites_can_be_ordered_by_the_time_they_came(page, control):
    control.join("1001", "Xã B", joined_at=1_000.0)
    control.join("1001", "Xã A", joined_at=2_000.0)
    expect(page.locator(".row strong")).to_have_text(["Xã A", "Xã B"])
    page.get_by_label("Sắp xếp").select_option("theo giờ vào")
    expect(page.locator(".row strong")).to_have_text(["Xã B", "Xã A"])


def test_a_changed_name_moves_to_its_place(page, control):
    a = control.join("1001", "Xã A")
    control.join("1001", "Xã B")
    expect(page.locator(".row strong")).to_have_text(["Xã A", "Xã B"])
    control.change(a, name="Xã C")
    expect(page.locator(".row strong")).to_have_text(["Xã B", "Xã C"])
