"""The log tells what went wrong, and no secret."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from mcu import log
from mcu.config import Settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_a_traceback_shows_no_variables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("control", Settings(home=tmp_path))
    password = "".join(["swor", "dfish"])
    try:
        raise RuntimeError(f"a fault beside a secret of {len(password)} letters")
    except RuntimeError:
        structlog.get_logger("mcu.test").exception("test.failed")
    printed = capsys.readouterr().err
    kept = (tmp_path / "log/control.log").read_text()
    for text in (printed, kept):
        assert "a fault beside a secret of 9 letters" in text
        assert "swordfish" not in text
