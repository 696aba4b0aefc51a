from __future__ import annotations

import base64
import hmac

import pytest

from mcu.core import webhook
from mcu.errors import BadRequest


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks, spec, and of its libraries' tests.
    secret, ident = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = webhook.sign(secret, ident, 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_longest_secret_is_read_as_it_was_written() -> None:
    octets = bytes(range(64))
    by_hand = hmac.new(octets, b"msg.7.{}", "sha256").digest()
    assert webhook.sign(webhook.secret_of(octets), "msg", 7, b"{}") == "v1," + base64.b64encode(by_hand).decode()


def test_it_is_tried_for_a_day() -> None:
    assert sum(webhook.DELAYS) == 24 * 3600
    delays = [webhook.delay(n) for n in range(1, len(webhook.DELAYS) + 2)]
    assert delays[0] == 5.0
    assert delays[-1] is None
    assert webhook.delay(10**9) is None


@pytest.mark.parametrize(
    ("patterns", "event", "wanted"),
    [
        (["*"], "notice", True),
        (["participant.*"], "participant.left", True),
        (["participant.*"], "participants.left", False),
        (["notice"], "notice", True),
        (["notice"], "notice.more", False),
        (["room.changed", "call.*"], "call.changed", True),
        ([], "notice", False),
    ],
)
def test_who_is_told_what(patterns: list[str], event: str, wanted: bool) -> None:
    assert webhook.wants(patterns, event) is wanted


@pytest.mark.parametrize("patterns", [[], ["*"] * 51, ["Room"], ["a b"], ["*.x"], [1], "room.*", None, ["a.b.c"]])
def test_patterns_that_are_none(patterns: object) -> None:
    with pytest.raises(BadRequest):
        webhook.check_patterns(patterns)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "https://", "https://user:pass@example.org/", "https://example.org/#x", "example.org",
        "https://exa mple.org/", "https://example.org:99999/", "https://example.org:0/", "https://ví.vn/", "https://[::1",
        "https://127.0.0.1/", "http://[::1]/", "http://10.1.2.3/x", "http://169.254.169.254/latest", "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]/", "https://example.org/" + "x" * 500, "javascript:alert(1)", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_addresses_that_are_not_told(url: str) -> None:
    with pytest.raises(BadRequest):
        webhook.check_url(url, private=False)


def test_a_private_address_may_be_allowed() -> None:
    assert webhook.check_url("http://127.0.0.1:8000/x?y=1", private=True) == "http://127.0.0.1:8000/x?y=1"
    assert webhook.check_url("https://example.org/hook", private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "ff02::1", "240.0.0.1", "fec0::1", "feff::1", "not an address", "",
    ],
)  # fmt: skip
def test_networks_of_our_own(address: str) -> None:
    assert not webhook.public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.162.0.181", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_the_open_internet(address: str) -> None:
    assert webhook.public(address)
