"""A large log is put aside, and Asterisk goes on in a new one; only so many old ones stay."""

from __future__ import annotations

from tests.asterisk.conftest import Bench
from tests.waiting import until


async def test_a_large_log_is_put_aside_and_asterisk_writes_on(own_bench: Bench) -> None:
    settings = own_bench.asterisk.settings
    file, output = settings.log_dir / "asterisk.log", settings.log_dir / "asterisk.out"
    output.write_text("printed")

    async def note(text: str) -> None:
        # Both fail, which are errors in the log, of more lines than one and written by a thread of its own: who sees
        # the second has all of the first.
        await own_bench.asterisk.console(f"module load {text}.so")
        await own_bench.asterisk.console(f"module load after-{text[-1]}.so")
        await until(lambda: f"after-{text[-1]}" in own_bench.asterisk.log, "the log")

    for n in range(8):
        await note(f"wave{n}")
        await own_bench.switch.keep_log_small(largest=1)
        assert file.exists()
        assert f"wave{n}" not in file.read_text()
    kept = sorted(settings.log_dir.glob("asterisk.log.*"))
    assert [one.name for one in kept] == [f"asterisk.log.{n}" for n in range(1, 6)]
    assert "wave7" in kept[0].read_text()
    assert "wave3" in kept[4].read_text()
    assert output.read_text() == ""
    assert (settings.log_dir / "asterisk.out.1").read_text() == "printed"


async def test_a_small_log_stays(bench: Bench) -> None:
    file = bench.asterisk.settings.log_dir / "asterisk.log"
    before = file.stat().st_ino
    await bench.switch.keep_log_small()
    assert file.stat().st_ino == before
    assert not list(file.parent.glob("asterisk.log.*"))


async def test_a_log_that_asterisk_no_longer_has_open_is_begun_again(own_bench: Bench) -> None:
    file = own_bench.asterisk.settings.log_dir / "asterisk.log"
    await until(file.exists, "the log")
    file.rename(file.with_suffix(".gone"))
    await own_bench.switch.keep_log_small()
    await until(file.exists, "the new log")
