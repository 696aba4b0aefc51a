"""Settings: where they come from, and what a wrong one is told."""

from pathlib import Path

import pytest

from mcu import config
from mcu.errors import ConfigError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for variable in list(os.environ):
        if variable.startswith("MCU_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)


def test_defaults_listen_on_loopback(tmp_path: Path) -> None:
    settings = config.load()
    assert (settings.sip.bind, settings.sip.port, settings.web.port) == ("127.0.0.1", 5060, 8080)
    assert settings.home == tmp_path / "var"


def test_environment_beats_conf_d_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mcu.toml").write_text('[sip]\nport = 5062\nbind = "0.0.0.0"\n[web]\nport = 9001\n')
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/10-web.toml").write_text("[web]\nport = 9002\n")
    monkeypatch.setenv("MCU_SIP__PORT", "5064")
    settings = config.load()
    assert (settings.sip.port, settings.sip.bind, settings.web.port) == (5064, "0.0.0.0", 9002)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sip]\nprot = 5062\n", r"mcu\.toml: unknown key sip\.prot \(did you mean port\?\)"),
        ("hom = 'x'\n", r"unknown key hom \(did you mean home\?\)"),
        ("[sip]\nport = 70000\n", r"sip\.port.*65535"),
        ("[sip\n", r"mcu\.toml"),
        ("sip = 3\n", r"sip"),
    ],
)
def test_a_wrong_file_is_told_by_name(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mcu.toml").write_text(text)
    with pytest.raises(ConfigError, match=told):
        config.load()


def test_a_wrong_variable_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCU_SIP__PROT", "1")
    with pytest.raises(ConfigError, match=r"MCU_SIP__PROT \(did you mean MCU_SIP__PORT\?\)"):
        config.load()


def test_a_section_in_a_variable_that_is_no_json_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCU_SIP", "foo")
    with pytest.raises(ConfigError, match="sip"):
        config.load()


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        config.load(tmp_path / "none.toml")
