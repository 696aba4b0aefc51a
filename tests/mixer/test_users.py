"""What a SIP user is to the mixer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.mixer.users import LegUser, ViewUser, called_user, parse_user

_NAME = st.from_regex(r"\A[A-Za-z0-9_.]{1,32}\Z")


@given(_NAME)
def test_every_participant_has_a_leg(name: str) -> None:
    assert parse_user(f"leg-{name}") == LegUser(name)


@given(_NAME, _NAME)
def test_every_class_of_every_view_has_a_user(view: str, rate_class: str) -> None:
    user = parse_user(f"view-{view}-{rate_class}")
    assert user == ViewUser(view, rate_class)
    assert user is not None
    assert user.ident == f"{view}/{rate_class}"


@given(st.text(max_size=60))
def test_any_text_is_a_user_of_ours_or_none(text: str) -> None:
    user = parse_user(text)
    if isinstance(user, LegUser):
        assert text == f"leg-{user.participant}"
    elif isinstance(user, ViewUser):
        assert text == f"view-{user.view}-{user.rate_class}"


@pytest.mark.parametrize(
    "text", ["", "leg", "leg-", "leg-a-b", "leg-a\n", "view-a", "view-a-", "view--b", "view-a-b-c", "LEG-a", " leg-a"]
)
def test_near_misses(text: str) -> None:
    assert parse_user(text) is None


@pytest.mark.parametrize(
    ("line", "user"),
    [
        ("INVITE sip:leg-ab12@127.0.0.1:5070 SIP/2.0", "leg-ab12"),
        ("INVITE sips:view-1001-hd@127.0.0.1;transport=tcp SIP/2.0", "view-1001-hd"),
        ("INVITE sip:leg-ab12;tag=x@127.0.0.1 SIP/2.0", ""),
        ("INVITE sip:127.0.0.1 SIP/2.0", ""),
        ("SIP/2.0 200 OK", ""),
        ("", ""),
    ],
)
def test_the_request_line_says_who_is_called(line: str, user: str) -> None:
    assert called_user(f"{line}\r\nTo: <sip:leg-other@127.0.0.1>\r\n\r\n") == user
