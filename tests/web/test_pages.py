from __future__ import annotations

import re
from pathlib import Path

import mcu.web
import pytest


@pytest.mark.parametrize(
    "path",
    ["/login", "/", "/rooms/1001", "/nothing", "/api/v1/rooms", "/api/v1/nothing", "/healthz", "/static/js/main.js"],
)
def test_every_answer_carries_the_security_headers(panel, path):
    with panel.client.get(path) as response:
        headers = response.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_and_answers_are_not_cached(panel):
    assert panel.client.get("/").headers["Cache-Control"] == "no-store"
    assert panel.get("/rooms").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/login", "/", "/nothing"])
def test_pages_hold_no_inline_script_or_style(stranger, panel, path):
    page = panel.client.get(path).text
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
    for script in re.findall(r"<script[^>]*>", page):
        assert 'src="/static/' in script or 'type="application/json"' in script


def test_vietnamese_unless_one_chooses_english(panel):
    assert '<html lang="vi">' in panel.client.get("/").text
    assert "Điều hành phòng họp" in panel.client.get("/").text
    assert panel.client.get("/language/en").location == "/"
    page = panel.client.get("/").text
    assert '<html lang="en">' in page
    assert "Meeting control panel" in page
    panel.client.get("/language/vi")
    assert '<html lang="vi">' in panel.client.get("/").text


def test_the_language_can_be_chosen_before_the_login(stranger):
    assert stranger.client.get("/language/en?from=login").location == "/login"
    assert "Password" in stranger.client.get("/login").text


def test_other_languages_do_not_exist(panel):
    assert panel.client.get("/language/../x").status_code == 404
    assert panel.client.get("/language/de").status_code == 404
    panel.client.set_cookie("mcu_language", "../../etc/passwd")
    assert '<html lang="vi">' in panel.client.get("/").text


def test_pages_that_do_not_exist_say_so_in_the_page_s_language(panel):
    response = panel.client.get("/nothing")
    assert response.status_code == 404
    assert "Không có trang này" in response.text


def test_viewers_are_known_to_the_page(viewer, panel):
    assert '<meta name="may-act" content="no">' in viewer.client.get("/").text
    assert '<meta name="may-act" content="yes">' in panel.client.get("/").text


def test_every_static_file_is_served_and_named_in_lower_case(panel):
    static = Path(mcu.web.__file__).parent / "static"
    files = [path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()]
    assert len(files) > 10
    for name in files:
        assert name == name.lower()
        with panel.client.get(f"/static/{name}") as response:
            assert response.status_code == 200
