"""A gatekeeper of a district that registers with ours: what is dialled with its number in front is behind it."""

from __future__ import annotations

import itertools

import pytest

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Unregistered
from mcu.h323.ras.registry import Registration, Registry
from mcu.h323.ras.traffic import Answers
from tests.h323.ras.terminal import TERMINAL, VENDOR, Terminal, gatekeeper, told
from tests.h323.vectors import load

DISTRICT = Account(name="khu", aliases=("77",))
SECRET = Account(name="khu", aliases=("77",), password="secret77")
TOWN = Account(name="thi", aliases=("770",))
OWN = Account(name="phong", aliases=("7705",), address="10.0.0.9")
LONG = "77" + "0" * 41
MCU = Address("127.0.0.1", 1720)


def gateway(*prefixes: str, kind: str = "voice", **more: object) -> ras.Body:
    """A terminalType with prefixes."""
    supported = [{"prefix": ras.alias(prefix)} for prefix in prefixes]
    return {**TERMINAL, "gateway": {"protocol": [(kind, {"supportedPrefixes": supported})]}, **more}


def replayed(folder: str, gk: Gatekeeper) -> list[tuple[str, ras.Message]]:
    """What GnuGk said to us once, said again; the answers with the request before each."""
    found, endpoint = [], ""
    for at, vector in enumerate(load(folder)):
        source, _, _ = vector.way.partition(">")
        host, _, port = source.rpartition(":")
        if host != "10.9.0.2" or not vector.name.endswith("Request"):
            continue
        name, body = per.decode_ras(vector.octets)
        octets = vector.octets
        if "endpointIdentifier" in body and endpoint and body["endpointIdentifier"] != endpoint:
            octets = per.encode_ras((name, {**body, "endpointIdentifier": endpoint}))
        gk.feed(octets, Address(host, int(port)), at / 10)
        ((answer, _),) = gk.take()
        told_ = per.decode_ras(answer)
        endpoint = told_[1].get("endpointIdentifier", endpoint)
        found.append((name, told_))
    return found


def test_gnugk_registers_as_a_child_and_is_called_by_its_prefix() -> None:
    gk = Gatekeeper(Policy(identifier="MCU"), [DISTRICT, OWN])
    answers = replayed("gk_child", gk)
    assert [answer[0] for _, answer in answers] == [
        "gatekeeperConfirm", "registrationConfirm", "admissionConfirm", "disengageConfirm",
    ]  # fmt: skip
    child = Address("10.9.0.2", 45411)
    assert gk.find("7701") == gk.find("77") == gk.find("khu") == child
    assert gk.find("7705") == Address("10.0.0.9", 1720), "a terminal of ours has its number, whatever is in front of it"
    assert gk.find("7") is None
    assert gk.find("1001") is None
    for one in gk.registry:
        gk.unregister(one, "asked", 9)
    assert gk.find("7701") is None


def test_gnugk_proves_its_password_by_md5_for_its_hash_is_empty() -> None:
    empty = load("gk_child_unsigned")
    (token,) = h235.tokens_of(per.decode_ras(empty[2].octets)[1])
    assert (token.method, token.digest) == ("hmac", b"tWelVe~byteS")  # GnuGk's, never replaced by the hash
    gk = Gatekeeper(Policy(identifier="MCU"), [SECRET], epoch=token.timestamp)
    (_, (name, body)), (_, refused) = replayed("gk_child_unsigned", gk)
    assert (name, body["algorithmOID"]) == ("gatekeeperConfirm", h235.OID_MD5)
    assert ras.reason_of(refused[1]) == "securityDenial"
    (token, *_) = h235.tokens_of(per.decode_ras(load("gk_child_md5")[2].octets)[1])
    gk = Gatekeeper(Policy(identifier="MCU"), [SECRET], epoch=token.timestamp)
    assert [answer[0] for _, answer in replayed("gk_child_md5", gk)] == [
        "gatekeeperConfirm", "registrationConfirm", "admissionConfirm", "disengageConfirm",
    ]  # fmt: skip
    assert next(iter(gk.registry)).method == "md5"


def test_a_gatekeeper_that_routes_nothing_may_ask_but_is_not_called() -> None:
    """GnuGk with direct signalling names port 0."""
    gk = gatekeeper(DISTRICT)
    child = Terminal(gk, name="khu", aliases=("77",))
    nowhere = [("ipAddress", {"ip": bytes((10, 0, 0, 7)), "port": 0})]
    assert told(child.rrq(callSignalAddress=nowhere)) == "registrationReject invalidCallSignalAddress"
    kind = gateway("77", gatekeeper={})
    assert told(child.rrq(callSignalAddress=nowhere, terminalType=kind)) == "registrationConfirm"
    assert gk.find("77") is None
    assert gk.find("7701") is None
    answer = child.arq("1001")
    assert answer is not None
    assert ras.address_of(answer[1]["destCallSignalAddress"]) == MCU


@pytest.mark.parametrize(
    ("account", "prefixes", "kind", "behind"),
    [
        (DISTRICT, ["77"], "voice", ["770", "7701", "7711", "772", LONG]),
        (DISTRICT, ["77"], "h323", ["770", "7701", "7711", "772", LONG]),
        (DISTRICT, ["771", "772"], "h323", ["7711", "772"]),
        (DISTRICT, ["1", "x", "7", "10", "#", "*77"], "h323", []),
        (DISTRICT, ["77" + "0" * 40], "h323", []),
        (Account(name="khu"), ["77", "khu"], "h323", []),
        (None, ["77", "1"], "h323", []),
    ],
    ids=["voice", "h323", "narrower", "others' numbers", "endless", "no number", "a guest"],
)
def test_a_prefix_lies_within_the_number_of_the_account(
    account: Account | None, prefixes: list[str], kind: str, behind: list[str]
) -> None:
    gk = gatekeeper(*([account] if account else []), guests=True)
    child = Terminal(gk, name="khu", aliases=())
    assert told(child.rrq(terminalType=gateway(*prefixes, kind=kind))) == "registrationConfirm"
    numbers = ("770", "7701", "7711", "772", "1", "1001", "10", "7", LONG, "#1", "*771")
    assert [number for number in numbers if gk.find(number) is not None] == behind


def test_a_longer_number_of_another_is_not_behind_it() -> None:
    gk = gatekeeper(DISTRICT, TOWN)
    child = Terminal(gk, host="10.0.7.1", name="khu", aliases=("77",))
    child.rrq(terminalType=gateway("77", "770", "7701", "771"))
    assert [one.prefixes for one in gk.registry] == [("77", "771")]
    town = Terminal(gk, host="10.0.7.2", name="thi", aliases=("770",))
    town.rrq(terminalType=gateway("770"))
    child.rrq(terminalType=gateway("77", "770"))
    assert (gk.find("7701"), gk.find("7711")) == (town.signalling, child.signalling)
    child.urq()
    assert (gk.find("7701"), gk.find("7711")) == (town.signalling, None)


def test_who_gets_a_number_gets_it_from_who_had_it_as_a_prefix() -> None:
    gk = gatekeeper(DISTRICT)
    child = Terminal(gk, host="10.0.7.1", name="khu", aliases=("77",))
    child.rrq(terminalType=gateway("77", "770"))
    assert gk.replace([DISTRICT, OWN], 1) == []
    (gone,) = gk.replace([DISTRICT, TOWN], 1)
    assert isinstance(gone, Unregistered)
    gk.take()
    town = Terminal(gk, host="10.0.7.2", name="thi", aliases=("770",), at=2)
    town.rrq(terminalType=gateway("770"))
    child.at = 2
    assert told(child.rrq(terminalType=gateway("77", "770"))) == "registrationConfirm"
    assert (gk.find("7701"), gk.find("7711")) == (town.signalling, child.signalling)


def test_the_registry_leaves_a_prefix_with_the_account_that_has_it() -> None:
    def registration(endpoint: str, account: str) -> Registration:
        return Registration(
            endpoint=endpoint, account=account, aliases=(), source=MCU, ras=MCU, signalling=MCU, product="",
            version=6, time_to_live=60, heard=0.0, prefixes=("77",),
        )  # fmt: skip

    registry = Registry(9)
    first, other, again = registration("1", "khu"), registration("2", "thi"), registration("3", "khu")
    registry.add(first)
    registry.add(other)
    assert registry.ahead_of("7701") is first
    registry.remove(other)
    assert registry.ahead_of("7701") is first
    registry.add(again)
    assert registry.ahead_of("7701") is again, "of the same account"


def test_terminals_are_sent_to_the_gateway_and_it_is_not_sent_to_itself() -> None:
    gk = gatekeeper(DISTRICT, OWN)
    child = Terminal(gk, host="10.0.7.1", name="khu", aliases=("77",))
    child.rrq(terminalType=gateway("77"))
    terminal = Terminal(gk, host="10.0.0.9", aliases=("7705",))
    terminal.rrq()
    for who, dialled, target in (
        (terminal, "7701", child.signalling),
        (terminal, "1001", MCU),
        (child, "7705", terminal.signalling),
        (child, "7799", MCU),  # it does not know who that is, so it asks us: the entry speaks
    ):
        answer = who.arq(dialled)
        assert answer is not None
        assert ras.address_of(answer[1]["destCallSignalAddress"]) == target, (who.host, dialled)


def test_hostile_terminal_types_are_no_gateways() -> None:
    gk = gatekeeper(DISTRICT)
    shapes: list[ras.Body] = [
        {"gateway": {}},
        {"gateway": {"protocol": []}},
        {"gateway": {"protocol": [("h323", {"supportedPrefixes": []})]}},
        {"gateway": {"protocol": [("h323", {"supportedPrefixes": [{"prefix": ("url-ID", "h323:77@x")}] * 500})]}},
    ]
    for shape in shapes:
        child = Terminal(gk, name="khu", aliases=("77",))
        assert told(child.rrq(terminalType={**TERMINAL, **shape}, endpointVendor=VENDOR)) == "registrationConfirm"


def test_who_left_and_comes_again_with_the_same_words_is_registered_anew() -> None:
    """GnuGk counts from 1 after each start: its first words must not get the answer of the time before."""
    gk = gatekeeper(DISTRICT)
    child = Terminal(gk, name="khu", aliases=("77",))
    child.rrq()
    first = child.endpoint
    child.rrq(requestSeqNum=1)
    assert child.endpoint == first, "a repetition is the same registration"
    assert told(child.urq()) == "unregistrationConfirm"
    child.seq = itertools.count(1)
    assert told(child.rrq()) == "registrationConfirm"
    assert child.endpoint != first
    assert gk.registry.get(child.endpoint) is not None


def test_forgotten_answers_are_those_of_one_address() -> None:
    answers, message = Answers(), ("registrationRequest", {"requestSeqNum": 1})
    one, other = Address("10.0.0.1", 1719), Address("10.0.0.2", 1719)
    for source in (one, other):
        answers.keep(source, message, b"yes", 0)
    answers.forget(one)
    assert answers.find(one, message, 1) is None
    assert answers.find(other, message, 1) == b"yes"
