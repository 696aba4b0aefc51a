"""The page for those who see little, use the keyboard, or hold a tablet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

# Relative luminance and contrast as in WCAG 2.2 (definitions), of each visible text against the colour behind it.
CONTRAST = """() => {
  const channel = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = (top, under) => top.slice(0, 3).map((v, n) => v * top[3] + under[n] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const low = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility({ visibilityProperty: true }) || node.closest(":disabled, noscript")) continue;
    const ground = behind(node);
    const [a, b] = [luminance(over(parse(getComputedStyle(node).color), ground)), luminance(ground)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${node.className || node.tagName}: "${node.textContent.trim()}" ${ratio.toFixed(2)}`);
  }
  return low;
}"""  # noqa: E501
NAMELESS = """() => [...document.querySelectorAll("button, a, input, select")]
  .filter((node) => node.checkVisibility() && node.type !== "hidden")
  .filter((node) => !(node.ariaLabel || node.labels?.length || node.textContent.trim()))
  .map((node) => node.outerHTML)"""


def fill(page: Page, control) -> None:
    control.join("1001", "Điểm cầu chủ trì", "7000", kind="terminal", talking=True, picture="live", video=True)
    control.join("1001", "UBND xã Tân Lập", "7001", kind="known", muted=True, picture="stalled", video=True)
    control.join("1001", "Khách", "7002", picture="none")
    control.join("1002", "Trường THCS", "8000")
    control.rooms["1002"]["locked"] = True
    control.notice("asterisk_away", "Asterisk is away")
    expect(page.locator(".row")).to_have_count(3)
    expect(page.locator(".toast")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_meets_wcag_aa(page, control, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    fill(page, control)
    control.mixer_up = False
    page.reload()
    expect(page.locator("#banner")).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Tổng đài").click()
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Tạo phòng").click()
    page.get_by_role("dialog").get_by_role("button", name="Tạo phòng").click()
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_the_login(stranger, scheme):
    stranger.emulate_media(color_scheme=scheme)
    stranger.get_by_role("button", name="Đăng nhập").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    stranger.wait_for_load_state()  # the sheet of styles too: the alert stands there before it
    assert stranger.evaluate(CONTRAST) == []


def test_everything_that_can_be_pressed_has_a_name(page, control):
    fill(page, control)
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1152, 720), (1024, 768), (768, 1024), (390, 844)])
def test_nothing_sticks_out_at_the_side(page, control, width, height):
    page.set_viewport_size({"width": width, "height": height})
    fill(page, control)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator(".row button, .room-acts button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert min(box["width"], box["height"]) >= 40


def test_the_panel_is_worked_by_keyboard_alone(page, control):
    someone = control.join("1001", "UBND xã Tân Lập")
    expect(page.locator(".row")).to_have_count(1)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "mute":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bật mic: UBND xã Tân Lập")).to_be_focused()
    assert control.people[someone]["muted"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    expect(page.get_by_role("button", name="Huỷ")).to_be_focused()  # what does no harm comes first
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    assert len(control.people) == 1
