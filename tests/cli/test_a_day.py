"""A meeting's day from the command line, against the real control process: what is typed takes effect."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result

from mcu import config
from mcu.core import events
from mcu.core.entry.answers import Admit, EntryRequest, Wait
from tests.fakes.house import House, house_of
from tests.waiting import until_blocking

Run = Callable[..., Result]
SITES = """\
Thuộc;Điểm cầu;Mã;Số người;Khoảng cách (km)
;Tỉnh Lào Cai;10;12;0
Tỉnh Lào Cai;Xã Tân Lập;02701;40;31,5
Tỉnh Lào Cai;Xã Tân Tiến;02702;25;48
Tỉnh Lào Cai;Phường Cam Đường;02645;30;9
"""
HD = "h264 profile-level-id=42e01f;packetization-mode=1"


@pytest.fixture
def house(installation: config.Settings) -> Iterator[House]:
    with house_of(installation) as made:
        yield made


@pytest.fixture
def say(run: Run, house: House) -> Callable[[str], str]:
    """A command that must succeed: what it printed. Control logs to the same place."""

    def invoke(words: str) -> str:
        result = run(*shlex.split(words))
        assert result.exit_code == 0, result.output
        return "".join(line for line in result.stdout.splitlines(True) if " control." not in line)

    return invoke


@pytest.fixture
def read(say: Callable[[str], str]) -> Callable[[str], Any]:
    return lambda words: json.loads(say(f"{words} --json"))


def arrive(house: House, account: str, room: str) -> str:
    """A terminal dials the room and is let in: its participant's id."""
    channel = f"PJSIP/t-{account}-{len(house.switch.members) + 0x100:08x}"
    request = EntryRequest(
        channel=channel, uniqueid=channel, number=room, door="terminal", endpoint=f"t-{account}", caller_name=account,
        caller_number="", video=HD,
    )  # fmt: skip
    answer = house.do(house.control.controller.entry(request))
    assert isinstance(answer, Admit), answer
    joins = house.switch.join
    house.happens(joins, answer.participant, room, channel=channel, name=answer.name, subscribed=answer.view)
    return answer.participant


def test_a_meeting_s_day(
    say: Callable[[str], str], read: Callable[[str], Any], run: Run, house: House, tmp_path: Path
) -> None:
    # The week before: sites and accounts out of one file, a room, a plan.
    file = tmp_path / "sites.csv"
    file.write_text(SITES + ";Xã Bản Hồ;02701;\n", encoding="utf-8")
    refused = run("site", "import", str(file), "--dry-run")
    assert refused.exit_code == 1
    assert refused.stdout.splitlines()[1].startswith("6  ")
    file.write_text(SITES, encoding="utf-8")
    assert "0 unchanged" in say(f"site import {file} --dry-run --language en")
    assert read("site list") == []
    told = read(f"rollout {file} --out {tmp_path}/sheets --server-address 10.1.0.5 --numbers 7001-7999")
    assert Path(told["written"][0]).read_bytes().startswith(b"%PDF")
    shown = say("site list")
    assert shown.index("Tỉnh Lào Cai") < shown.index("Xã Tân Lập")
    ids = {one["code"]: one["id"] for one in read("site list")}
    accounts = {one["site"]: one["name"] for one in read("terminal list")}
    say('room create 2000 --name "Giao ban tuần" --mute-joiners')
    say("room sites 2000 02701 02702 02645")
    planned = read('meeting add 2000 2099-11-30T08:00 "Giao ban" --rrule "FREQ=WEEKLY;COUNT=3" --minutes 90')
    assert planned["next"]["begins_at"] == planned["occurrences"][0]["begins_at"]
    say(f"meeting cancel {planned['id']} 2099-12-07T08:00")
    assert "2099" in say("meeting list 2000")
    assert "RRULE:FREQ=WEEKLY" in say(f"meeting calendar {planned['id']}")

    # An hour before: everybody is called.
    called = read("call all 2000")
    assert {one["name"] for one in called["calls"]} >= {"Xã Tân Lập"}
    say("call end-all 2000 --yes")

    # They come by themselves.
    lap, tien, duong = (arrive(house, accounts[ids[code]], "2000") for code in ("02701", "02702", "02645"))
    people = {one["id"]: one for one in read("participant list 2000")}
    assert [people[who]["site"] for who in (lap, tien, duong)] == [ids["02701"], ids["02702"], ids["02645"]]

    def muted() -> set[str]:
        return {one["id"] for one in read("participant list 2000") if one["muted"]}

    # The roll is called.
    say("act chair 2000 02645")
    say("act roll_call 2000")
    assert read("direction 2000")["mode"] == "roll_call"
    say("act roll_call_next 2000 --mark present")
    say('act roll_call_mark 2000 "tan tien" absent')
    marks = {one["name"]: one["mark"] for one in read("direction 2000")["roll_call"]["entries"]}
    assert (marks["Xã Tân Lập"], marks["Xã Tân Tiến"]) == ("present", "absent")
    assert "absent (vắng)" in say("direction 2000")
    say("act roll_call_end 2000")

    # Somebody speaks, and it is taken back.
    say("act free_talk 2000 --open")
    until_blocking(lambda: muted() == set(), seconds=120)
    say("act hand 2000 02701")
    assert [one["participant"] for one in read("direction 2000")["hands"]] == [lap]
    say("act floor_next 2000")
    assert (read("direction 2000")["mode"], read("direction 2000")["focus"]) == ("floor", lap)
    until_blocking(lambda: muted() == {tien})  # the chair's stays open
    say("act undo 2000")
    until_blocking(lambda: muted() == set(), seconds=120)
    say("act mute_all 2000")
    until_blocking(lambda: muted() == {lap, tien}, seconds=120)
    say("act mute_all 2000 --off")
    say("act lecture 2000 02645")
    say("act view 2000 02645 02702")
    assert read("direction 2000")["views"] == {duong: tien}
    say("act view 2000 02645 -")
    say("act free_talk 2000")
    say('act banner 2000 "Giải lao 15 phút" --scroll --seconds 900')
    assert "Giải lao 15 phút, scrolling" in say("direction 2000")
    say("act lock 2000")
    assert read("room show 2000")["locked"] is True
    say("act gain 2000 02701 in -6")
    assert {p["id"]: p["gain_in"] for p in read("participant list 2000")}[lap] == -6
    say("act rename 2000 02701 'Xã Tân Lập (UBND)'")
    assert run("act", "floor", "2000", "xã tân").exit_code == 1  # which one?
    conference = read("direction 2000")["conference"]

    # It ends; minutes are written.
    say(f"conference people {conference} 02701 37")
    say("act end 2000 --yes")
    until_blocking(lambda: read("participant list 2000") == [], seconds=120)
    until_blocking(lambda: read("conference list 2000")[0]["ended_at"] is not None, seconds=120)
    assert read("conference list 2000")[0]["id"] == conference
    assert "Xã Tân Lập" in say(f"conference show {conference}")
    say(f"conference minutes {conference} --out {tmp_path}/minutes.xlsx")
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "minutes.xlsx").read_bytes()))
    cells = [str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row if cell is not None]
    book.close()
    assert "37" in cells
    assert "Xã Tân Lập" in " ".join(cells)
    assert read(f"conference minutes {conference} --format json")["id"] == conference
    acts = [one["act"] for one in read("audit --room 2000 --limit 500")]
    assert {"roll_call", "floor_next", "undo", "mute_all", "end"} <= {act.removeprefix("room.act ") for act in acts}


def test_a_lobby_is_kept_from_the_command_line(
    say: Callable[[str], str], read: Callable[[str], Any], run: Run, house: House
) -> None:
    say("room create 2000 --lobby all")
    say("terminal create xa1 --random-password --display 'Xã Một'")
    channel = "PJSIP/t-xa1-00000101"
    request = EntryRequest(
        channel=channel, uniqueid=channel, number="2000", door="terminal", endpoint="t-xa1", caller_name="xa1",
        caller_number="", video=HD,
    )  # fmt: skip
    answer = house.do(house.control.controller.entry(request))
    assert isinstance(answer, Wait), answer
    house.switch.waiting[channel] = events.Member(
        participant=answer.participant, channel=channel, room="2000", name="Xã Một", number="", muted=False,
        talking=False,
    )  # fmt: skip
    assert [one["name"] for one in read("direction 2000")["lobby"]] == ["Xã Một"]
    assert "Lobby (phòng chờ)" in say("direction 2000")
    say("act admit 2000 'xa mot'")
    assert [one["name"] for one in read("participant list 2000")] == ["Xã Một"]
    assert read("direction 2000")["lobby"] == []


def test_a_batch_of_the_evening(
    say: Callable[[str], str], read: Callable[[str], Any], run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "evening.txt"
    file.write_text(
        'site add "Tỉnh Lào Cai" --code 10\n'
        'site add "Xã Tân Lập" --code 02701 --under 10 --people 40\n'
        'room create 2000 --name "Giao ban"  # the room\n'
        "room sites 2000 02701\n"
        "terminal create tan_lap --protocol h323 --alias 7001 --site 02701\n"
        'room create 2000 --name "Lại"\n'
        "room lock 2000\n",
        encoding="utf-8",
    )
    result = run("batch", str(file))
    assert result.exit_code == 1
    assert "line 6" in result.stderr
    assert [one["name"] for one in read("room sites 2000")["sites"]] == ["Xã Tân Lập"]
    assert read("site show 02701")["terminals"] == ["tan_lap"]
