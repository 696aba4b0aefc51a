from __future__ import annotations

from pathlib import Path

from mcu.setup.fingerprint import files_under, fingerprint, machine


def test_same_files_same_hash_wherever_they_are(tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "build.py").write_text("recipe")
    first, second = (fingerprint([tmp_path / place / "build.py"], ["1"], tmp_path / place) for place in ("a", "b"))
    assert first == second
    assert len(first) == 12


def test_contents_names_values_and_absence_all_count(tmp_path: Path) -> None:
    file = tmp_path / "one.patch"
    seen = {fingerprint([file])}
    file.write_text("")
    seen.add(fingerprint([file]))
    file.write_text("+line")
    seen.add(fingerprint([file]))
    seen.add(fingerprint([file], ["2.17"]))
    seen.add(fingerprint([file], ["2.1", "7"]))
    other = file.rename(tmp_path / "two.patch")
    seen.add(fingerprint([other]))
    assert len(seen) == 6


def test_a_file_cannot_pass_for_a_value(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("y")
    assert fingerprint([file]) != fingerprint([], ["x", "y"])


def test_files_are_sorted_and_caches_left_out(tmp_path: Path) -> None:
    for name in ("b.c", "a.h", "note.txt", "__pycache__/c.c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in files_under(tmp_path, (".c", ".h"))] == ["a.h", "b.c"]
    assert files_under(tmp_path / "absent") == []


def test_the_machine_has_a_name() -> None:
    assert machine().count(" ") == 2
