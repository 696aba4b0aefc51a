from __future__ import annotations

import pytest
from mcu.web.auth import _LIMITS

from mcu.errors import Unavailable
from tests.fakes.accounts import FakeAccounts


def test_pages_lead_to_the_login(stranger):
    response = stranger.client.get("/rooms/1001")
    assert (response.status_code, response.location) == (302, "/login?next=/rooms/1001")


def test_every_address_but_the_public_ones_needs_a_login(app, stranger):
    public = {"/login", "/language/<code>", "/static/<path:filename>", "/healthz", "/readyz", "/metrics"}
    for rule in app.url_map.iter_rules():
        if rule.rule in public:
            continue
        path = rule.rule.replace("<number>", "1001").replace("<participant>", "00000001")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            # With a valid CSRF token, so that it is the missing log-in that refuses.
            response = stranger.client.open(
                path, method=method, headers={"X-CSRFToken": stranger.form_token()}, json={}
            )
            expected = 401 if path.startswith("/api/") else 302
            assert response.status_code == expected, (method, path)
            assert expected == 401 or response.location.startswith("/login")


def test_the_right_password_opens_the_panel(stranger):
    response = stranger.log_in()
    assert (response.status_code, response.location) == (302, "/")
    assert "admin" in stranger.client.get("/").text


def test_a_wrong_password_is_told_and_opens_nothing(stranger):
    response = stranger.log_in(password="wrong")
    assert response.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in response.text
    assert stranger.get("/rooms").status_code == 401


@pytest.mark.parametrize("login", ["nobody", "", "x" * 10_000, "admin\x00", "' or 1=1 --", "<b>"])
def test_unknown_users_are_refused_the_same_way(stranger, login):
    response = stranger.log_in(login=login)
    assert response.status_code == 401
    assert "<b>" not in response.text.replace("<b></b>", "")


@pytest.mark.parametrize("next", ["/rooms/1002", "/?x=1"])
def test_login_goes_on_where_one_wanted_to_go(stranger, next):
    assert stranger.log_in(next=next).location == next


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example/",
        "//[",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "rooms",
        "%2F%2Fevil.example",
        "/%09/evil.example",
        "http:evil.example",
    ],
)
def test_login_never_leads_to_another_site(stranger, next):
    assert stranger.log_in(next=next).location == "/"


def test_guessing_is_slowed_down(stranger):
    allowed = int(_LIMITS.split()[0])
    for _ in range(allowed):
        assert stranger.log_in(password="wrong").status_code == 401
    response = stranger.log_in()  # even the right one has to wait now
    assert response.status_code == 429
    assert "Nhập sai quá nhiều lần" in response.text
    assert response.headers["Retry-After"]


def test_too_many_at_once_are_asked_to_try_again(stranger, accounts: FakeAccounts):
    accounts.busy = True
    response = stranger.log_in()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Đang có quá nhiều người đăng nhập" in response.text
    accounts.busy = False
    assert stranger.log_in().status_code == 302


def test_right_passwords_are_not_counted(app, stranger):
    for _ in range(int(_LIMITS.split()[0]) + 2):
        assert stranger.log_in().status_code == 302
        stranger.client.post("/logout", data={"csrf_token": stranger.token})
    assert stranger.log_in().status_code == 302


def test_login_without_csrf_token_starts_over(stranger):
    response = stranger.client.post("/login", data={"login": "admin", "password": "right horse"})
    assert (response.status_code, response.location) == (302, "/login")
    assert stranger.get("/rooms").status_code == 401


def test_logout_ends_the_session(panel):
    assert panel.get("/rooms").status_code == 200
    assert panel.client.post("/logout", data={"csrf_token": panel.token}).location == "/login"
    assert panel.get("/rooms").status_code == 401


def test_logout_needs_the_csrf_token(panel):
    assert panel.client.post("/logout").status_code == 403
    assert panel.get("/rooms").status_code == 200


def test_a_new_password_ends_old_sessions(panel, accounts: FakeAccounts):
    accounts.passwords["admin"] = "another one"
    assert panel.get("/rooms").status_code == 401


def test_a_deleted_user_is_out(panel, accounts: FakeAccounts):
    del accounts.passwords["admin"]
    assert panel.get("/rooms").status_code == 401


@pytest.mark.parametrize("path", ["/", "/login"])
def test_a_page_says_that_nobody_can_be_looked_up(panel, accounts: FakeAccounts, monkeypatch, path):
    def away(session_id: str) -> None:
        raise Unavailable("the database: no route to host")

    monkeypatch.setattr(accounts, "find", away)
    page = panel.client.get(path)
    assert (page.status_code, "503 unavailable" in page.text, "no route" in page.text) == (503, True, False)


def test_session_cookie_is_hardened(stranger):
    cookie = stranger.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain http on the loopback


def test_session_cookie_is_bound_to_https_where_there_is_https(stranger):
    response = stranger.client.get("/login", base_url="https://mcu.example")
    assert "; Secure" in response.headers["Set-Cookie"]


def test_a_forged_session_is_no_session(stranger):
    stranger.client.set_cookie("mcu_session", "eyJfdXNlcl9pZCI6IjE6YWJjIn0.aaaaaa.bbbbbb")
    assert stranger.get("/rooms").status_code == 401


def test_viewers_may_look_but_not_act(viewer, control, problem):
    someone = control.join("1001", "UBND xã Tân Lập")
    assert viewer.get("/rooms").status_code == 200
    problem(viewer.send("PATCH", f"/rooms/1001/participants/{someone}", {"muted": True}), 403, "not_permitted")
    problem(viewer.send("DELETE", "/rooms/1001"), 403, "not_permitted")
    assert not control.people[someone]["muted"]
    assert viewer.client.post("/logout", data={"csrf_token": viewer.token}).status_code == 302
