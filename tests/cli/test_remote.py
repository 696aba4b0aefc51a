"""Commands that steer a bridge elsewhere: the same answers as over the bus, and faults that say what to do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from mcu.cli.profile import Remote
from mcu.cli.remote import RestLink
from mcu.errors import BadRequest, McuError, NotPermitted
from tests.cli.elsewhere import Elsewhere, certificate
from tests.conftest import Install

Run = Callable[..., Result]
Far = Callable[..., Result]


@pytest.fixture
def elsewhere(home: Path, tmp_path: Path, install: Install) -> Iterator[Elsewhere]:
    made = Elsewhere(tmp_path / "far", install(tmp_path / "far"))
    yield made
    made.stop()


@pytest.fixture
def far(run: Run, elsewhere: Elsewhere) -> Far:
    def invoke(*words: str, input: str | None = None) -> Result:
        return run("--server", elsewhere.server, "--token", elsewhere.token, *words, input=input)

    return invoke


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    # Control runs in this process, and logs to the same place.
    return json.loads("".join(line for line in result.stdout.splitlines(True) if " control." not in line))


def test_a_meeting_is_prepared_and_run_from_elsewhere(far: Far, elsewhere: Elsewhere) -> None:
    assert "DOWN" in far("status").stdout  # no mixer runs there
    assert read(far("room", "create", "2000", "--name", "Họp khẩn", "--lobby", "host", "--json"))["name"] == "Họp khẩn"
    assert far("room", "pin", "2000", "4711").exit_code == 0
    assert far("room", "pin", "2000").stdout.splitlines()[-1] == "4711"
    assert far("room", "layout", "2000", "1+5").exit_code == 0
    site = read(far("site", "add", "Xã Tân Lập", "--code", "02701", "--json"))
    assert far("room", "sites", "2000", "02701").exit_code == 0
    assert [one["id"] for one in read(far("room", "sites", "2000", "--json"))["sites"]] == [site["id"]]
    assert [one["code"] for one in read(far("site", "list", "--json"))] == ["02701"]
    made = read(
        far("terminal", "create", "tan_lap", "--protocol", "h323", "--alias", "2701", "--site", "02701", "--json")
    )
    assert (made["site"], made["alias"]) == (site["id"], "2701")
    assert [one["name"] for one in read(far("terminal", "list", "--json"))] == ["tan_lap"]
    planned = read(far("meeting", "add", "2000", "2099-11-30T08:00", "Giao ban", "--json"))
    assert "BEGIN:VCALENDAR" in far("meeting", "calendar", str(planned["id"])).stdout
    assert [one["id"] for one in read(far("meeting", "list", "--json"))] == [planned["id"]]
    elsewhere.house.happens(elsewhere.house.switch.join, "0a0b0c0d", "2000", name="UBND xã Tân Lập", number="7001")
    elsewhere.house.happens(elsewhere.house.switch.join, "0a0b0c0e", "2000", name="UBND xã Bản Hồ", number="7002")
    assert [one["id"] for one in read(far("participant", "list", "2000", "--json"))] == ["0a0b0c0d", "0a0b0c0e"]
    assert far("act", "broadcast", "2000", "tan lap").exit_code == 0
    direction = read(far("direction", "2000", "--json"))
    assert (direction["mode"], direction["focus"]) == ("broadcast", "0a0b0c0d")
    assert "broadcast (phát điểm cầu)" in far("direction", "2000").stdout
    result = far("participant", "mute", "ban ho")
    assert result.exit_code == 0, result.stderr
    assert elsewhere.ask("participant.list", room="2000")[1]["muted"] is True
    assert far("participant", "kick", "Bản Hồ").exit_code == 0
    assert far("room", "delete", "2000", "--yes").exit_code == 1  # somebody is in it
    assert "mute" in far("audit", "--room", "2000").stdout
    assert far("user", "add", "lan", "--role", "viewer", "--password-stdin", input="a long password\n").exit_code == 0
    assert [one["login"] for one in read(far("user", "list", "--json"))] == ["admin", "lan"]
    assert read(far("token", "create", "t", "--user", "lan", "--json"))["token"].startswith("mcu_")
    assert read(far("call", "list", "--json")) == []
    assert "Polycom" in far("preset", "list").stdout


def test_files_go_both_ways(far: Far, elsewhere: Elsewhere, tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("Thuộc;Điểm cầu;Mã\n;Tỉnh Lào Cai;10\nTỉnh Lào Cai;Xã Tân Lập;02701\n", encoding="utf-8")
    assert far("site", "import", str(file), "--dry-run", "--language", "vi").exit_code == 0
    made = read(far("rollout", str(file), "--out", str(tmp_path / "out"), "--server-address", "10.1.0.5", "--json"))
    assert Path(made["written"][0]).read_bytes().startswith(b"%PDF")
    assert far("site", "export", "--out", str(tmp_path / "back.xlsx"), "--language", "en").exit_code == 0
    again = far("site", "import", str(tmp_path / "back.xlsx"))
    assert again.stdout.startswith("Đã thực hiện: thêm 0, thay đổi 0")  # the bridge's language
    assert far("site", "export", "--passwords").exit_code == 1
    file.write_text("Điểm cầu;Mã\nXã Một;1\nXã Hai;1\n", encoding="utf-8")
    assert far("site", "import", str(file)).exit_code == 1
    house = elsewhere.house
    channel = house.happens(house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập")
    conference = read(far("direction", "1001", "--json"))["conference"]
    house.happens(house.switch.leave, channel)
    assert [one["id"] for one in read(far("conference", "list", "--json"))] == [conference]
    assert "UBND xã Tân Lập vào họp" in far("conference", "show", conference).stdout
    assert "UBND xã Tân Lập joined" in far("conference", "show", conference, "--language", "en").stdout
    assert read(far("conference", "minutes", conference, "--format", "json"))["id"] == conference
    for form, begin in (("csv", "\ufeff".encode()), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        out = tmp_path / f"minutes.{form}"
        assert far("conference", "minutes", conference, "--language", "vi", "--out", str(out)).exit_code == 0
        assert out.read_bytes().startswith(begin)
    assert far("savings", "--since", "2026-01-01", "--until", "2027-01-01").exit_code == 0


def test_answers_are_those_of_the_bus(
    run: Run, far: Far, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.ask("site.create", name="Xã Tân Lập", code="02701", people=40)
    elsewhere.house.happens(elsewhere.house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập", number="7001")
    over_rest = {}
    commands = (
        "room list", "room show 1001", "site list", "participant list 1001", "direction 1001", "preset list",
        "user list", "token list", "room layout 1001", "terminal list", "meeting list", "call list 1001",
    )  # fmt: skip
    for words in commands:
        over_rest[words] = read(far(*words.split(), "--json"))
    monkeypatch.setenv("MCU_HOME", str(elsewhere.socket.parent.parent))
    for words in commands:
        over_bus = read(run(*words.split(), "--json"))
        if words == "token list":  # its use was noted meanwhile
            over_bus, over_rest[words] = ([{**t, "used_at": 0} for t in all_] for all_ in (over_bus, over_rest[words]))
        assert over_rest[words] == over_bus, words


def test_faults_say_what_to_do(run: Run, far: Far, elsewhere: Elsewhere) -> None:
    def fault(*words: str) -> str:
        result = run(*words)
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        assert result.stderr.count("\n") == 1
        return result.stderr

    here = ("--server", elsewhere.server)
    wrong = fault(*here, "--token", "mcu_wrong", "room", "list")
    assert "mcu token create" in wrong
    assert "mcu_wrong" not in wrong
    assert "wants a token" in fault(*here, "room", "list")
    assert "room 4711" in fault(*here, "--token", elsewhere.token, "room", "show", "4711")
    assert "own machine" in fault(*here, "--token", elsewhere.token, "backup", "far.tar")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        refused = fault("--server", f"http://127.0.0.1:{port}", "--token", "x", "room", "list")
    assert "can't be reached" in refused


def test_odd_words_end_politely(far: Far) -> None:
    for odd in ("\udcff", "../status", "a/b?c=d#e", "%2e%2e", "xã", "\x00", ".", ".."):
        for words in (("room", "show"), ("room", "create"), ("meeting", "list"), ("act", "undo")):
            result = far(*words, odd)
            assert (result.exit_code, result.stderr.count("\n")) == (1, 1), (words, odd, result.output)
        assert isinstance(far("site", "add", odd).exception, SystemExit | None)


def test_a_token_that_only_reads_acts_on_nothing(run: Run, elsewhere: Elsewhere) -> None:
    reading = elsewhere.ask("token.create", name="r", login="admin", scopes=["read"])["token"]
    options = ("--server", elsewhere.server, "--token", reading)
    assert run(*options, "room", "list").exit_code == 0
    result = run(*options, "room", "lock", "1001")
    assert result.exit_code == 1
    assert "scope" in result.stderr


def test_live_events_come_over_sse(elsewhere: Elsewhere) -> None:
    link = RestLink(Remote(elsewhere.server, elsewhere.token))
    heard: list[tuple[str, dict[str, Any]]] = []
    ready, joined = threading.Event(), threading.Event()

    def listen() -> None:
        for event, data in link.events():
            heard.append((event, data))
            ready.set()
            if event == "participant.joined":
                joined.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert ready.wait(120)  # the stream stands
    elsewhere.house.happens(elsewhere.house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập")
    assert joined.wait(120)
    link.close()
    listener.join(timeout=120)
    assert not listener.is_alive()
    assert [data["name"] for event, data in heard if event == "participant.joined"] == ["UBND xã Tân Lập"]


def test_what_happens_elsewhere_is_shown_here(far: Far, elsewhere: Elsewhere) -> None:
    shown = threading.Event()

    def happen() -> None:
        # Again and again: what happens before a new stream's first message is covered by that one, "resync".
        for number in range(600):
            elsewhere.house.happens(elsewhere.house.switch.join, f"0a0b{number:04x}", "1001", name="UBND xã Tân Lập")
            if shown.wait(0.2):
                return

    happening = threading.Thread(target=happen)
    happening.start()
    result = far("--json", "tail", "--event", "participant.joined", "--room", "1001", "--once", "--count", "1")
    shown.set()
    happening.join()
    assert result.exit_code == 0, result.output
    told = [json.loads(line)["event"] for line in result.stdout.splitlines() if line.startswith("{")]
    assert told == ["participant.joined"]  # at the begin of a stream nothing has been missed


def test_a_stream_goes_on_where_the_one_before_ended(home: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for number in (b"7", b"8"):
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(head + b"id: run-" + number + b"\nevent: notice\ndata: {}\n\n")

        serving = threading.Thread(target=serve)
        serving.start()
        link = RestLink(Remote(f"http://127.0.0.1:{listener.getsockname()[1]}", "t"))
        events = link.events()
        assert [next(events), next(events)] == [("notice", {}), ("notice", {})]
        events.close()
        link.close()
        serving.join()
    assert b"Last-Event-ID" not in asked[0]
    assert b"Last-Event-ID: run-7" in asked[1]


def test_a_stream_is_refused_like_any_request(elsewhere: Elsewhere) -> None:
    link = RestLink(Remote(elsewhere.server, "mcu_wrong"))
    with pytest.raises(NotPermitted):
        list(link.events())
    link.close()


def test_over_tls_only_a_known_certificate_will_do(run: Run, home: Path, tmp_path: Path, install: Install) -> None:
    cert, key = certificate(tmp_path)
    far = Elsewhere(tmp_path / "far", install(tmp_path / "far"), (cert, key))
    try:
        options = ("--server", far.server, "--token", far.token)
        refused = run(*options, "room", "list")
        assert refused.exit_code == 1
        assert "--ca" in refused.stderr
        assert read(run(*options, "--ca", str(cert), "room", "list", "--json"))[0]["number"] == "1001"
        assert "--ca" in run(*options, "--ca", str(key), "room", "list").stderr
    finally:
        far.stop()


class Stranger:
    """Some other server: answers the first request with what it is told to, then closes."""

    def __init__(self, answer: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.asked = b""
        self.remote = Remote(f"http://127.0.0.1:{self._listener.getsockname()[1]}", "t")
        self._thread = threading.Thread(target=self._serve, args=(answer,), daemon=True)
        self._thread.start()

    def _serve(self, answer: bytes) -> None:
        connection, _ = self._listener.accept()
        with connection:
            self.asked = connection.recv(65536)
            connection.sendall(answer)
        self._listener.close()

    def end(self) -> None:
        self._thread.join(timeout=10)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<a>", "not understood"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "is the address right"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n", "https://x/"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n[]", "answered 500"),
        (b"SSH-2.0-OpenSSH\r\n", "can't be reached"),
        (b"", "can't be reached"),
    ],
)
def test_a_server_that_is_no_mcu_is_told_as_such(answer: bytes, told: str) -> None:
    stranger = Stranger(answer)
    link = RestLink(stranger.remote)
    with pytest.raises(Exception, match=told):
        link.call("room.list")
    link.close()
    stranger.end()


def test_a_trace_s_packets_come_from_elsewhere_too(run: Run, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.tcpdump.pcap\r\nContent-Length: 4\r\n\r\n"
    stranger, out = Stranger(head + b"\xd4\xc3\xb2\xa1"), tmp_path / "call.pcap"
    here = ("--server", stranger.remote.server, "--token", "t")
    assert run(*here, "gateway", "save-trace", "00112233", "--pcap", str(out)).exit_code == 0
    stranger.end()
    assert stranger.asked.startswith(b"GET /api/v1/h323/calls/00112233/trace.pcap ")
    assert out.read_bytes() == b"\xd4\xc3\xb2\xa1"


def test_what_json_has_no_words_for_is_asked_of_nobody() -> None:
    link = RestLink(Remote("http://127.0.0.1:9", "t"))
    with pytest.raises(BadRequest, match=r"room\.act"):
        link.call("room.act", room="1001", act="gain", db=float("nan"))
    link.close()


@pytest.mark.parametrize("ending", [b"", b"event: x\ndata: {nonsense\n\n"])
def test_an_event_stream_that_ends_is_told(ending: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    stranger = Stranger(head + b'retry: 1\n\n: hello\n\nid: 1\nevent: notice\ndata: {"a":\ndata: 1}\n\n' + ending)
    link = RestLink(stranger.remote)
    heard: list[tuple[str, dict[str, Any]]] = []
    with pytest.raises(McuError, match=r"can't be reached|no JSON"):  # there is no second stream
        heard.extend(link.events())
    assert heard == [("", {}), ("notice", {"a": 1})]
    link.close()
    stranger.end()
