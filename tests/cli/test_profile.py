"""Which bridge is meant: options, environment, file, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mcu.cli import profile
from mcu.errors import ConfigError

Run = Callable[..., Result]
HTTPS = "https://mcu.example.vn:8080"


@pytest.fixture
def file(home: Path) -> Callable[[str], Path]:
    def write(text: str, mode: int = 0o600) -> Path:
        path = profile.file()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_without_anything_it_is_this_machine_s(home: Path) -> None:
    assert profile.choose() is None


def test_the_environment_names_a_bridge(home: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setenv("MCU_SERVER", f"{HTTPS}/")
    monkeypatch.setenv("MCU_TOKEN", "mcu_t")
    assert profile.choose() == profile.Remote(HTTPS, "mcu_t")
    assert profile.choose(local=True) is None
    assert profile.choose(server="http://127.0.0.1:1", token="o") == profile.Remote("http://127.0.0.1:1", "o")
    assert "unknown setting" not in run("--local", "room", "list").stderr  # the settings know these two


def test_the_file_names_bridges(file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    file(f'server = "{HTTPS}"\ntoken = "a"\n[tinh]\nserver = "https://t"\ntoken = "b"\nca = "/etc/ca.pem"\n')
    assert profile.choose() == profile.Remote(HTTPS, "a")
    assert profile.choose(name="tinh") == profile.Remote("https://t", "b", Path("/etc/ca.pem"))
    assert profile.choose(name="tinh", token="c", ca=Path("x")) == profile.Remote("https://t", "c", Path("x"))
    with pytest.raises(ConfigError, match=r"no \[huyen\] \(there are: tinh\)"):
        profile.choose(name="huyen")


def test_a_token_of_the_file_goes_to_no_other_server(file: Callable[..., Path]) -> None:
    file(f'server = "{HTTPS}"\ntoken = "secret"\n')
    with pytest.raises(ConfigError, match="wants a token"):
        profile.choose(server="https://other.example.vn")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('sever = "x"', "unknown key sever"),
        ("server = 1", "server must be a text"),
        ('[a]\nport = "1"', r"\[a\] unknown key port"),
        ("[a.b]\n", r"\[a\] unknown key b"),
        ("server = ", "cli.toml"),
        ('[a]\ntoken = "x"', "names no server"),
    ],
)
def test_a_file_that_is_wrong_is_named(file: Callable[..., Path], text: str, told: str) -> None:
    file(text)
    with pytest.raises(ConfigError, match=told):
        profile.choose(name="a")


def test_a_file_that_others_may_read_is_refused(file: Callable[..., Path]) -> None:
    file('[a]\nserver = "https://t"\ntoken = "b"', 0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        profile.choose(name="a")


@pytest.mark.parametrize(
    "server",
    ["mcu.example.vn", "ftp://x", "https://", "https://x/panel", "https://a:b@x", "https://x:port", "https://["],
)
def test_what_is_no_address_is_refused(home: Path, server: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        profile.choose(server=server, token="t")


def test_a_token_is_not_sent_unencrypted(home: Path, run: Run) -> None:
    result = run("--server", "http://mcu.example.vn:8080", "--token", "mcu_secret", "room", "list")
    assert result.exit_code == 1
    assert "https://mcu.example.vn:8080" in result.stderr
    assert "mcu_secret" not in result.output
    with pytest.raises(ConfigError):
        profile.choose(server=HTTPS, token="Đây là gì")
    with pytest.raises(ConfigError, match="--local"):
        profile.choose(server=HTTPS, token="t", local=True)
