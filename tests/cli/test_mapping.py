"""What is typed, what control is asked by it, and what is printed of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from mcu.errors import Conflict, ControlDown
from tests.cli.scripted import SITES, ScriptedControl

Run = Callable[..., Result]

SITE = SITES[1] | {"terminals": ["tan_lap"], "sites": 0, "note": ""}
MEETING = {
    "id": 4, "room": "1001", "title": "Giao ban tuần", "begins": "2026-11-30T08:00:00", "zone": "Asia/Ho_Chi_Minh",
    "minutes": 90, "rrule": "FREQ=WEEKLY", "next": {"begins_at": 1796000400.0}, "warnings": [],
    "exdates": ["2026-12-07T08:00:00", "2026-12-14T08:00:00"],
    "occurrences": [{"begins_at": 1796000400.0, "ends_at": 1796005800.0, "state": "planned"}],
}  # fmt: skip
CONFERENCE = {
    "id": "1001-1795921200000", "room": "1001", "name": "Giao ban", "began_at": 1795921200.0, "ended_at": None,
    "test": False, "title": "", "present": 1, "absent": 0,
    "sites": [{"site": 2, "name": "Xã Tân Lập", "mark": "present", "people": 40, "joined_at": 1795921201.0,
               "left_at": 1795924801.0, "seconds": 3600, "grade": "good"}],
    "events": [{"at": 1795921201.0, "kind": "joined", "text": "Xã Tân Lập vào phòng"}], "tests": [],
}  # fmt: skip
TOKEN = {
    "id": 9, "name": "reports", "login": "lan", "scopes": ["read"], "created_at": 1795921200.0, "expires_at": None,
    "used_at": None,
}  # fmt: skip
AUDIT = {
    "id": 1, "at": 1795921200.0, "login": "lan", "role": "operator", "via": "web", "act": "mute_all", "room": "1001",
    "target": "", "detail": {"on": True}, "result": "ok",
}  # fmt: skip
HOOK = {"id": 5, "url": "https://example.org/h", "events": ["conference.*"], "enabled": True, "secret": "s3cret"}
DELIVERY = {"id": 6, "event": "webhook.test", "at": 1795921200.0, "tries": 1, "result": "200", "next_at": None}
TERMINAL = {
    "name": "tan_lap", "display": "Xã Tân Lập", "protocol": "sip", "alias": "2701", "address": "", "kind": "registered",
    "site": 2, "preset": "hdx", "overrides": {"srtp": "on"},
}  # fmt: skip
CALL = {
    "id": "0000000a", "room": "1001", "name": "Xã Tân Lập", "address": "sip:x", "state": "dialling", "reason": "",
    "retry_at": None,
}  # fmt: skip
REPORT = {
    "conference": "1001-1795921200000", "room": "1001", "running": False,
    "sites": [{
        "site": 2, "code": "02701", "name": "Xã Tân Lập", "state": "done", "verdict": "good",
        "summary": "Picture, sound and line are good",
        "measured": {"width": 1280, "height": 720, "codec": "h264", "heard": True, "loss_in": 0.1, "loss_out": 0.0,
                     "jitter_ms": 3.0, "rtt_ms": 41.5},
        "signed_by": "lan", "note": "",
    }],
}  # fmt: skip
PRESET = {
    "name": "hdx",
    "title": "Polycom HDX",
    "protocols": ["h323"],
    "overrides": {},
    "notes": {"en": "old", "vi": ""},
}


# words, the call, its arguments, the answer, what is printed of it
CASES: list[tuple[str, str, dict[str, Any], Any, str]] = [
    ("site show 02701", "site.show", {"id": 2}, SITE, "tan_lap"),
    ("site show id:3", "site.show", {"id": 3}, SITE, "Xã Tân Lập"),
    ("site add Bản-Phố --parent 15", "site.create", {"name": "Bản-Phố", "parent": 1}, SITE, "Xã Tân Lập is site 2."),
    ("site add Bản-Phố --under 15 --people 12", "site.create", {"name": "Bản-Phố", "parent": 1, "people": 12}, SITE,
     "Xã Tân Lập is site 2."),
    ("site change 02701 --note x --distance-km 31.5", "site.change", {"id": 2, "note": "x", "distance_km": 31.5}, SITE,
     "Xã Tân Lập is changed."),
    ("site move 02701 --root", "site.move", {"id": 2, "parent": None}, SITE, "Xã Tân Lập is moved."),
    ("site move 02701 --under code:3 --position 2", "site.move", {"id": 2, "parent": 7, "position": 2}, SITE, "moved"),
    ("site delete 02701 --yes --branch", "site.delete", {"id": 2, "branch": True}, {"deleted": 1}, "gone"),
    ("preset list", "preset.list", {}, [PRESET], "Polycom HDX"),
    ("terminal list --site 02701", "terminal.list", {"site": 2}, [TERMINAL], "srtp=on"),
    ("terminal list", "terminal.list", {}, [TERMINAL], "Xã Tân Lập (02701)"),
    ("terminal show tan_lap", "terminal.show", {"name": "tan_lap"}, TERMINAL, "Xã Tân Lập (02701)"),
    ("terminal create tan_lap --random-password --site 02701 --preset hdx --alias 2701", "terminal.create",
     {"name": "tan_lap", "display": "tan_lap", "protocol": "sip", "alias": "2701", "site": 2, "preset": "hdx"},
     TERMINAL | {"password": "abcd"}, "Terminal tan_lap may call. Its password: abcd"),
    ("terminal create chu_tich --protocol phone --alias 0912", "terminal.create",
     {"name": "chu_tich", "display": "chu_tich", "protocol": "phone", "alias": "0912"}, TERMINAL,
     "Terminal chu_tich may be called."),
    ("terminal update tan_lap --site - --override srtp=", "terminal.update",
     {"name": "tan_lap", "site": None, "overrides": {"srtp": None}}, TERMINAL, "Terminal tan_lap is changed."),
    ("room change 1001 --lobby host --entry known --branch 15 --presiding-site - --language - --capacity 30",
     "room.change",
     {"number": "1001", "lobby": "host", "entry": "known", "branch_id": 1, "presiding_site_id": None, "language": "",
      "capacity": 30}, {"number": "1001"}, "Room 1001 is changed."),
    ("room create 1002 --name Họp --host-pin 4711 --mute-joiners", "room.create",
     {"number": "1002", "name": "Họp", "host_pin": "4711", "mute_joiners": True}, {"number": "1002"}, "there"),
    ("room sites 1001", "room.sites", {"number": "1001"}, {"number": "1001", "sites": SITES[1:3]}, "Xã Tân Tiến"),
    ("room sites 1001 02702 02701", "room.set_sites", {"number": "1001", "sites": [3, 2]}, {"sites": []},
     "Invited to room 1001: 2 sites."),
    ("room sites 1001 --none", "room.set_sites", {"number": "1001", "sites": []}, {"sites": []}, "0 sites."),
    ("call dial 1001 --site 02701 --tries 2", "call.dial", {"room": "1001", "site": 2, "tries": 2}, CALL, "Calling Xã"),
    ("call all 1001 --branch 15 --tries 1", "call.all", {"room": "1001", "who": "branch", "branch": 1, "tries": 1},
     {"calls": [CALL], "skipped": [{"site": 3, "reason": "no terminal"}]}, "no terminal"),
    ("call absent 1001", "call.all", {"room": "1001", "who": "absent"}, {"calls": [], "skipped": []}, "0 sites called"),
    ("call end-all 1001 --yes", "call.end_all", {"room": "1001"}, {"ended": ["0000000a"]}, "Nobody is called"),
    ("test start 1001 02701", "test.start", {"room": "1001", "sites": [2]}, REPORT, "test report 1001-1795921200000"),
    ("test start 1001 --wait", "test.start", {"room": "1001"}, REPORT, "line are good"),
    ("test report 1001-1795921200000 --language vi", "test.report",
     {"conference": "1001-1795921200000", "language": "vi"}, REPORT, "02701"),
    ("test report 1001-1795921200000", "test.report", {"conference": "1001-1795921200000"}, REPORT,
     "1280x720 h264"),
    ("test sign 1001-1795921200000 02701 --note ok", "test.sign",
     {"conference": "1001-1795921200000", "site": 2, "note": "ok"}, None, "Site 02701 is signed off."),
    ("test stop 1001", "test.stop", {"room": "1001"}, None, "over"),
    ("meeting list 1001", "meeting.list", {"room": "1001", "limit": 1000}, {"items": [MEETING], "next": None},
     "Giao ban tuần"),
    ("meeting show 4", "meeting.show", {"id": 4}, MEETING, "planned"),
    ("meeting add 1001 2026-11-30T08:00 Họp --rrule FREQ=WEEKLY --call-before 30", "meeting.create",
     {"room": "1001", "begins": "2026-11-30T08:00:00", "title": "Họp", "rrule": "FREQ=WEEKLY",
      "call_before": 30}, MEETING, "Meeting 4 is planned."),
    ("meeting change 4 --no-calls --ends", "meeting.change", {"id": 4, "call_before": None, "ends": True}, MEETING,
     "changed"),
    ("meeting cancel 4 2026-12-07T08:00", "meeting.cancel_occurrence", {"id": 4, "begins": "2026-12-07T08:00:00"},
     MEETING, "does not take place"),
    ("meeting move 4 2026-12-07T08:00 2026-12-08T09:00", "meeting.move_occurrence",
     {"id": 4, "begins": "2026-12-07T08:00:00", "to": "2026-12-08T09:00:00"}, MEETING, "begins at 2026-12-08"),
    ("meeting delete 4 --yes", "meeting.delete", {"id": 4}, None, "off the plan"),
    ("meeting calendar 4", "meeting.calendar", {"id": 4}, {"ics": "BEGIN:VCALENDAR\r\n"}, "BEGIN:VCALENDAR"),
    ("conference list 1001 --limit 5", "conference.list", {"room": "1001", "limit": 5},
     {"items": [CONFERENCE | {"sites": 22, "people": 840}], "next": None}, "840"),
    ("conference show 1001-1795921200000", "conference.show", {"id": "1001-1795921200000"}, CONFERENCE,
     "Xã Tân Lập vào phòng"),
    ("conference people 1001-1795921200000 02701 37", "conference.people",
     {"id": "1001-1795921200000", "site": 2, "people": 37}, None, "Entered for 02701: 37 people."),
    ("user change lan --role operator --branch 15", "user.change", {"login": "lan", "role": "operator", "branch": 1},
     {"login": "lan", "role": "operator"}, "lan is operator now."),
    ("user change lan --branch -", "user.change", {"login": "lan", "branch": None}, {"login": "lan", "role": "viewer"},
     "lan is viewer"),
    ("token list", "token.list", {"limit": 1000}, [TOKEN], "reports"),
    ("token create reports --user lan --scope read --scope act --days 30", "token.create",
     {"name": "reports", "scopes": ["read", "act"], "login": "lan", "days": 30}, TOKEN | {"token": "mcu_x"}, "mcu_x\n"),
    ("token delete 9 --yes", "token.delete", {"id": 9}, None, "worthless"),
    ("audit --room 1001 --act mute_all --limit 10", "audit.list", {"room": "1001", "act": "mute_all", "limit": 10},
     {"items": [AUDIT], "next": None}, '{"on": true}'),
    ("webhook list", "webhook.list", {"limit": 1000}, [HOOK], "conference.*"),
    ("webhook create https://example.org/h conference.*", "webhook.create",
     {"url": "https://example.org/h", "events": ["conference.*"]}, HOOK, "s3cret"),
    ("webhook change 5 --disable", "webhook.change", {"id": 5, "enabled": False}, HOOK, "changed"),
    ("webhook delete 5 --yes", "webhook.delete", {"id": 5}, None, "gone"),
    ("webhook test 5", "webhook.test", {"id": 5}, {"delivery": 6}, "on its way"),
    ("webhook deliveries 5 --limit 3", "webhook.deliveries", {"id": 5, "limit": 3},
     {"items": [DELIVERY], "next": None}, "webhook.test"),
    ("gateway hang-up 00aa", "h323.hang_up", {"tag": "00aa"}, None, "ended"),
    ("participant mute-all 1001", "room.act",
     {"room": "1001", "act": "mute_all", "on": True, "except_chair": False}, {"changed": ["0000000a"]},
     "Closed in room 1001: 1 microphone."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "call", "args", "answer", "printed"), CASES, ids=[case[0] for case in CASES])
def test_a_command_asks_and_prints(
    scripted: ScriptedControl, run: Run, words: str, call: str, args: dict[str, Any], answer: Any, printed: str
) -> None:
    scripted.answers |= {"test.report": REPORT, call: answer}
    result = run(*words.split())
    assert result.exit_code == 0, result.output
    assert scripted.asked_last(call) == args
    assert printed in result.stdout
    told = run(*words.split(), "--json")
    assert told.exit_code == 0, told.output
    if "calendar" not in words:
        json.loads(told.stdout)


@pytest.mark.parametrize(
    "words",
    [
        "site change 02701", "site move 02701", "site move 02701 --root --under 15", "room change 1001",
        "room sites 1001 02701 --none", "call dial 1001", "call dial 1001 sip:x --site 02701", "meeting change 4",
        "meeting add 1001 tomorrow Họp", "meeting change 4 --no-calls --call-before 5", "token create x",
        "webhook change 5", "user change lan", "act mute", "act no_such 1001", "act gain 1001 x in 21",
        "test sign 1001-1", "audit --limit 0", "completion tcsh", "conference minutes x --format doc",
        "site add x --distance-km 20001",
    ],
)  # fmt: skip
def test_wrong_usage_asks_nobody(scripted: ScriptedControl, run: Run, words: str) -> None:
    result = run(*words.split())
    assert result.exit_code == 2, result.output
    assert [name for name, _ in scripted.calls if METHODS_CHANGE(name)] == []


def METHODS_CHANGE(name: str) -> bool:
    return not name.endswith((".list", ".show"))


def test_a_room_is_shown_with_its_sites_by_name(scripted: ScriptedControl, run: Run) -> None:
    scripted.answers |= {
        "room.show": {"number": "1001", "branch_id": 1, "presiding_site_id": 99, "participants": []},
        "room.sites": {"number": "1001", "sites": [SITES[2], SITES[1]]},
    }
    shown = " ".join(run("room", "show", "1001").stdout.split())
    assert "branch Tỉnh Lào Cai (15) presiding site id:99 invited Xã Tân Tiến, Xã Tân Lập" in shown
    scripted.answers["room.sites"] = {"number": "1001", "sites": [{"name": f"Xã {n}"} for n in range(12)]}
    assert "Xã 9 and 2 more: mcu room sites 1001" in run("room", "show", "1001").stdout


def test_a_time_that_was_cancelled_is_restored(scripted: ScriptedControl, run: Run) -> None:
    scripted.answers |= {"meeting.show": MEETING, "meeting.change": MEETING}
    wrong = run("meeting", "restore", "4", "2026-12-21T08:00")
    assert wrong.exit_code == 1
    assert "cancelled: 2026-12-07 08:00, 2026-12-14 08:00" in wrong.stderr
    assert "takes place then after all" in run("meeting", "restore", "4", "2026-12-07T08:00").stdout
    assert scripted.asked_last("meeting.change") == {"id": 4, "exdates": ["2026-12-14T08:00:00"]}


def test_what_could_be_two_sites_is_refused_with_both_named(scripted: ScriptedControl, run: Run) -> None:
    result = run("site", "show", "xa tan")
    assert result.exit_code == 1
    assert "Xã Tân Lập (id:2) or Xã Tân Tiến (id:3): give what stands in brackets" in result.stderr
    assert "no site Huế" in run("site", "show", "Huế").stderr
    assert "no site id:15" in run("site", "show", "id:15").stderr
    assert "no site code:2" in run("site", "show", "code:2").stderr


@pytest.mark.parametrize(
    ("typed", "site"), [("3", 7), ("code:3", 7), ("id:3", 3), ("2", 2), ("id:2", 2), ("02701", 2), ("15", 1)]
)
def test_a_number_is_a_sites_code_before_it_is_anothers_id(
    scripted: ScriptedControl, run: Run, typed: str, site: int
) -> None:
    scripted.answers["site.show"] = SITES[0]
    assert run("site", "show", typed).exit_code == 0
    assert scripted.asked_last("site.show") == {"id": site}


def test_sites_are_a_tree(scripted: ScriptedControl, run: Run) -> None:
    shown = run("site", "list").stdout
    assert "└── Phường Cam Đường" in shown or "+--" in shown
    assert json.loads(run("site", "list", "--under", "02701", "--json").stdout) == [SITES[1]]
    assert "02702" in run("site", "list", "--flat").stdout


def test_pages_are_read_to_the_end(scripted: ScriptedControl, read: Callable[..., Any]) -> None:
    pages = iter([{"items": [AUDIT], "next": "7"}, {"items": [AUDIT], "next": None}])

    class Pages(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return next(pages) if key == "audit.list" else super().get(key, default)

    scripted.answers = Pages(scripted.answers)
    scripted.answers["audit.list"] = None
    assert len(read("audit")) == 2
    assert scripted.asked_last("audit.list") == {"limit": 49, "after": "7"}


@pytest.mark.parametrize("words", [["room", "list"], ["act", "undo", "1001"], ["site", "list"], ["tail"]])
def test_a_fault_is_one_line(scripted: ScriptedControl, run: Run, words: list[str]) -> None:
    fault = Conflict("not now\nnor\x1b[2J later")
    scripted.fault = fault
    scripted.answers["site.list"] = fault
    if words != ["tail"]:
        result = run(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "mcu: not now nor[2J later\n"
    scripted.stop()
    result = run(*words)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "mcu run" in result.stderr
    assert ControlDown.error_id not in result.stderr


def test_names_stay_in_their_columns(scripted: ScriptedControl, run: Run) -> None:
    scripted.join("1001", "Xã Tân Lập")
    scripted.join("1001", "Huyện 坝 \x1b[31mđỏ")  # two columns wide, and an escape sequence
    lines = run("participant", "list", "1001").stdout.splitlines()
    assert "\x1b" not in "".join(lines)
    assert all(line == line.rstrip() for line in lines)
    assert len(lines) == 3
