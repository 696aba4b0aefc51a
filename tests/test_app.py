"""What `mcu run` does around its processes."""

import re
from pathlib import Path

import pytest

from mcu import app, log
from mcu.config import Settings
from mcu.errors import ConfigError


def test_the_first_password_is_shown_also_when_the_start_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(settings: Settings) -> list[str]:
        raise ConfigError("no Asterisk here")

    monkeypatch.setattr(app, "_asterisk", fail)
    monkeypatch.setattr(app, "must_run", lambda settings: None)
    monkeypatch.setattr(log, "setup", lambda process, settings: None)
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigError, match="no Asterisk here"):
        app.run_all(settings)
    assert re.search(r"admin / \S{12,}", capsys.readouterr().out)
    with pytest.raises(ConfigError, match="no Asterisk here"):
        app.run_all(settings)
    assert "admin" not in capsys.readouterr().out
