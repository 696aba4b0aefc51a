"""Commands that read and write files: sites, the roll-out, minutes, calendars, pictures."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.scripted import ScriptedControl

Run = Callable[..., Result]
PDF = base64.b64encode(b"%PDF-1.7\n\x00\xff").decode()
FAULTS = [{"line": 3, "column": "code", "text": "02701 stands in line 2 already"}]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text("﻿site;code\nXã Tân Lập;02701\n", encoding="utf-8")
    return path


def test_sites_are_imported(scripted: ScriptedControl, run: Run, sheet: Path) -> None:
    scripted.answers["site.import"] = {"faults": [], "added": 12, "changed": 1, "unchanged": 0}
    result = run("site", "import", str(sheet), "--dry-run")
    assert result.stdout == "It would be: 12 added, 1 changed, 0 unchanged.\n"
    asked = scripted.asked_last("site.import")
    assert asked == {"text": "site;code\nXã Tân Lập;02701\n", "format": "csv", "dry_run": True}
    assert run("site", "import", str(sheet)).stdout == "Done: 12 added, 1 changed, 0 unchanged.\n"
    assert scripted.asked_last("site.import")["dry_run"] is False
    named = [f"Xã {n}" for n in range(21)]
    scripted.answers["site.import"] = {"faults": [], "added": 1, "changed": 0, "unchanged": 0, "unlisted": named}
    told = run("site", "import", str(sheet), "--dry-run").stdout
    assert "0 unchanged; new without a line of their own: Xã 0, Xã 1," in told
    assert "Xã 19, and 1 more." in told
    sheet.write_bytes("site\tcode\nXã\t1\n".encode("utf-16"))  # as Excel's "Unicode text"
    assert run("site", "import", str(sheet), "--format", "csv").exit_code == 0
    assert scripted.asked_last("site.import")["text"] == "site\tcode\nXã\t1\n"
    assert run("site", "import", "-", "--format", "csv", input="site\nA\n").exit_code == 0
    assert scripted.asked_last("site.import")["text"] == "site\nA\n"


def test_faults_are_told_by_their_line(scripted: ScriptedControl, run: Run, sheet: Path) -> None:
    scripted.answers["site.import"] = {"faults": FAULTS, "added": 0, "changed": 0, "unchanged": 0}
    result = run("site", "import", str(sheet))
    assert result.exit_code == 1
    assert "3     code    02701 stands in line 2 already" in result.stdout
    assert "1 fault, nothing was changed" in result.stderr
    told = run("site", "import", str(sheet), "--json")
    assert json.loads(told.stdout)["faults"] == FAULTS
    assert told.exit_code == 1


@pytest.mark.parametrize(
    ("language", "heading", "refused", "done"),
    [
        ("vi", ["Dòng", "Cột", "Lỗi"], "có 2 lỗi, chưa thay đổi gì", "thêm 1, thay đổi 2, giữ nguyên 3"),
        ("en", ["Line", "Column", "Fault"], "2 faults, nothing was changed", "1 added, 2 changed, 3 unchanged"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_all_that_is_told_of_a_file_is_in_one_language(
    scripted: ScriptedControl, run: Run, sheet: Path, tmp_path: Path,
    language: str, heading: list[str], refused: str, done: str, asked: bool,
) -> None:  # fmt: skip
    """The one that was asked for, or that in which the bridge answers."""
    more = ["--language", language] if asked else []
    answer = {"added": 1, "changed": 2, "unchanged": 3, "unlisted": ["Xã {A}"], "sheets": []}
    answer |= {} if asked else {"language": language}
    rollout = ["rollout", str(sheet), "--out", str(tmp_path / "sheets"), "--dry-run", *more]
    imports = [["site", "import", str(sheet), *dry, *more] for dry in ([], ["--dry-run"])]
    other = {"vi": ("added", "Done", "would", "Line"), "en": ("thêm", "Đã", "Nếu", "Dòng")}[language]
    for words in (rollout, *imports):
        call = "site.rollout" if words is rollout else "site.import"
        scripted.answers[call] = answer | {"faults": FAULTS * 2}
        wrong = run(*words)
        assert (wrong.exit_code, wrong.stdout.splitlines()[0].split()) == (1, heading)
        assert wrong.stderr == f"mcu: {sheet}: {refused}\n"
        scripted.answers[call] = answer | {"faults": []}
        told = run(*words).stdout
        assert done in told
        assert "Xã {A}" in told
        assert not [word for word in other if word in told]


def test_a_workbook_goes_as_it_is(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    scripted.answers["site.import"] = {"faults": [], "added": 0, "changed": 0, "unchanged": 0}
    book = tmp_path / "sites.XLSX"
    book.write_bytes(b"PK\x03\x04\xff")
    assert run("site", "import", str(book)).exit_code == 0
    asked = scripted.asked_last("site.import")
    assert (base64.b64decode(asked["text"]), asked["format"]) == (b"PK\x03\x04\xff", "xlsx")


def test_files_that_cannot_be_read_are_named(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    latin = tmp_path / "old.csv"
    latin.write_bytes("Xã".encode("latin-1") + b"\xff")
    assert "old.csv is no UTF-8 (octet 1): save it as CSV UTF-8" in run("site", "import", str(latin)).stderr
    latin.write_bytes(b"")
    assert "old.csv is empty" in run("site", "import", str(latin)).stderr
    assert "No such file" in run("site", "import", str(tmp_path / "none.csv")).stderr
    assert run("site", "import", str(tmp_path / "list.doc")).exit_code == 2
    large = tmp_path / "large.csv"
    large.write_bytes(b"a" * (6 << 20))
    assert "larger than" in run("site", "import", str(large)).stderr
    assert [name for name, _ in scripted.calls] == []


def test_sites_are_exported(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    book = {"name": "sites.xlsx", "mimetype": "x", "content": PDF}
    scripted.answers["site.export"] = book
    assert run("site", "export", "--out", str(tmp_path / "a.xlsx")).exit_code == 0
    assert scripted.asked_last("site.export") == {"format": "xlsx"}
    assert (tmp_path / "a.xlsx").read_bytes() == base64.b64decode(PDF)
    wrong = run("site", "export", "--out", str(tmp_path / "a.pdf"))
    assert (wrong.exit_code, (tmp_path / "a.pdf").exists()) == (2, False)
    assert "csv or xlsx" in wrong.stderr
    assert run("site", "export", "--out", str(tmp_path / "a.txt"), "--format", "csv").exit_code == 0
    scripted.answers["site.export"] = {"name": "sites.csv", "mimetype": "text/csv", "text": "site\nXã\n"}
    assert run("site", "export").stdout == "site\nXã\n"


def test_passwords_go_into_a_file_of_one_s_own(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    scripted.answers["site.export"] = {"name": "sites.csv", "mimetype": "text/csv", "content": PDF}
    assert run("site", "export", "--passwords", "--out", str(tmp_path / "p.csv")).exit_code == 0
    assert scripted.asked_last("site.export") == {"format": "csv", "passwords": True}
    assert (tmp_path / "p.csv").stat().st_mode & 0o777 == 0o600


def test_a_roll_out_leaves_sheets_in_a_folder(scripted: ScriptedControl, run: Run, sheet: Path, tmp_path: Path) -> None:
    done = {"faults": [], "added": 400, "changed": 0, "unchanged": 0}
    scripted.answers["site.rollout"] = done | {"sheets": [{"name": "../phieu.pdf", "mimetype": "x", "content": PDF}]}
    out = tmp_path / "sheets"
    words = ("rollout", str(sheet), "--out", str(out), "--numbers", "2001-2999", "--server-address", "10.1.0.5")
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "400 added" in result.stdout
    asked = scripted.asked_last("site.rollout")
    assert (asked["numbers"], asked["server"], asked["dry_run"]) == ("2001-2999", "10.1.0.5", False)
    assert (out / "phieu.pdf").read_bytes() == base64.b64decode(PDF)
    assert ((out / "phieu.pdf").stat().st_mode & 0o777, out.stat().st_mode & 0o777) == (0o600, 0o700)
    told = json.loads(run(*words, "--json").stdout)
    assert told == done | {"written": [str(out / "phieu.pdf")]}
    scripted.answers["site.rollout"] = {"faults": FAULTS, "added": 0, "changed": 0, "unchanged": 0, "sheets": []}
    wrong = run("rollout", str(sheet), "--out", str(tmp_path / "other"), "--dry-run")
    assert wrong.exit_code == 1
    assert "stands in line 2" in wrong.stdout
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("command", "call", "args"), [
    ("conference minutes 1001-1", "conference.minutes", {"id": "1001-1"}),
    ("savings --since 2026-01-01 --until 2027-01-01", "savings.report", {}),
])  # fmt: skip
def test_reports_are_written(
    scripted: ScriptedControl, run: Run, tmp_path: Path, command: str, call: str, args: dict[str, Any]
) -> None:
    scripted.answers[call] = {"name": "../report.pdf", "mimetype": "application/pdf", "content": PDF}
    result = run(*command.split(), "--out", str(tmp_path / "r.pdf"))
    assert result.stdout == f"Written: {tmp_path / 'r.pdf'}\n"
    asked = scripted.asked_last(call)
    assert asked["format"] == "pdf"
    assert args.items() <= asked.items()
    assert run(*command.split(), "--format", "pdf", "--out", str(tmp_path)).exit_code == 0
    assert (tmp_path / "report.pdf").read_bytes() == base64.b64decode(PDF)  # in the folder, whatever its name says
    assert not (tmp_path.parent / "report.pdf").exists()
    assert run(*command.split()).stdout_bytes == base64.b64decode(PDF)
    assert scripted.asked_last(call)["format"] == "csv"
    nowhere = run(*command.split(), "--out", str(tmp_path / "no" / "r.pdf"))
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)


def test_the_picture_of_a_room(scripted: ScriptedControl, run: Run, tmp_path: Path) -> None:
    scripted.stills["1001"] = b"\xff\xd8jpeg"
    assert run("room", "picture", "1001", "--out", str(tmp_path / "p.jpg")).exit_code == 0
    assert (tmp_path / "p.jpg").read_bytes() == b"\xff\xd8jpeg"
    assert run("room", "picture", "1002", "--out", str(tmp_path / "q.jpg")).exit_code == 1
    assert not (tmp_path / "q.jpg").exists()
