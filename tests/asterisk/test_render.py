"""Rendering Asterisk's configuration: private, the same each time, and an error that names what is wrong."""

from __future__ import annotations

import configparser
import platform
import socket
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mcu import config
from mcu.asterisk import hosts, process, render
from mcu.asterisk.secrets import ami_secret
from mcu.config import Settings, Trunk
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.errors import BadRequest, ConfigError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    prefix = tmp_path / "prefix"
    documentation = "var/lib/asterisk/documentation/core-en_US.xml"
    for file in ("sbin/asterisk", "lib/asterisk/modules/chan_pjsip.so", documentation):
        (prefix / file).parent.mkdir(parents=True, exist_ok=True)
        (prefix / file).write_bytes(b"")
    module = tmp_path / "res_video_router.so"
    module.write_bytes(b"")
    module.with_name("res_format_attr_h26x.so").write_bytes(b"")
    (tmp_path / "sounds/vi/digits").mkdir(parents=True)
    (tmp_path / "sounds/vi/mcu-system-error.wav").write_bytes(b"")
    base = config.Settings()
    asterisk = base.asterisk.model_copy(update={"prefix": prefix, "module": module, "sounds": tmp_path / "sounds"})
    return base.model_copy(update={"home": tmp_path / "home", "asterisk": asterisk})


def change(settings: Settings, section: str, **values: object) -> Settings:
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def etc(settings: Settings, name: str) -> str:
    return (settings.asterisk_dir / "etc" / name).read_text(encoding="utf-8")


def test_everything_is_for_its_owner_only(settings: Settings) -> None:
    render.render(settings, [])
    for path in [settings.asterisk_dir, *settings.asterisk_dir.rglob("*")]:
        if not path.is_symlink() and "sounds" not in path.parts:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_rendering_again_changes_nothing(settings: Settings) -> None:
    accounts = [TerminalAccount(name="site1", password="x")]
    render.render(settings, accounts)
    files = [file for file in settings.asterisk_dir.rglob("*") if not file.is_dir()]
    before = {file: (file.lstat().st_ino, file.lstat().st_mtime_ns) for file in files}
    render.render(settings, accounts)
    assert {file: (file.lstat().st_ino, file.lstat().st_mtime_ns) for file in files} == before


def test_what_is_no_longer_made_goes_and_the_administrators_own_stays(settings: Settings) -> None:
    render.render(settings, [])
    stale = settings.asterisk_dir / "etc/dialplan/old.conf"
    stale.write_text("[x]")
    own = settings.asterisk_dir / "local/pjsip.conf"
    own.write_text("; mine")
    (settings.asterisk_dir / "modules/gone.so").symlink_to("/nowhere")
    render.render(settings, [])
    assert not stale.exists()
    assert not (settings.asterisk_dir / "modules/gone.so").is_symlink()
    assert own.read_text() == "; mine"
    assert f'#tryinclude "{own}"' in etc(settings, "pjsip.conf")


def test_both_sources_of_modules_and_sounds_are_linked(settings: Settings) -> None:
    render.render(settings, [])
    home = settings.asterisk_dir
    assert (home / "modules/chan_pjsip.so").resolve() == settings.asterisk.prefix / "lib/asterisk/modules/chan_pjsip.so"
    assert (home / "modules/res_video_router.so").resolve() == settings.asterisk.module
    assert (home / "modules/res_format_attr_h26x.so").resolve().parent == settings.asterisk.module.parent
    assert (home / "data/sounds/vi/mcu-system-error.wav").exists()
    assert (home / "data/sounds/vi/digits").is_dir()
    assert "VIDEO_PUBLISH" in (home / "data/documentation/thirdparty/res_video_router-en_US.xml").read_text()


def test_a_router_without_its_companion_is_an_error(settings: Settings) -> None:
    settings.asterisk.module.with_name("res_format_attr_h26x.so").unlink()
    with pytest.raises(ConfigError, match="res_format_attr_h26x"):
        render.render(settings, [])


def test_passwords_of_any_kind_are_only_there_as_digests(settings: Settings) -> None:
    password = 'a;b"c]\n[evil]\ntype=endpoint\n=>${X} ệ'
    render.render(settings, [TerminalAccount(name="site1", password=password)])
    text = etc(settings, "pjsip.conf")
    assert "evil" not in text
    assert "md5_cred = " in text


def test_the_secret_is_kept(settings: Settings) -> None:
    first = ami_secret(settings)
    assert ami_secret(settings) == first
    render.render(settings, [])
    assert f"secret = {first}" in etc(settings, "manager.conf")
    (settings.asterisk_dir / "secrets/ami").write_text("short")
    with pytest.raises(ConfigError, match="secrets/ami is damaged"):
        ami_secret(settings)


def test_strangers_have_an_endpoint_only_when_they_may_call(settings: Settings) -> None:
    render.render(settings, [])
    assert "[anonymous]" in etc(settings, "pjsip.conf")
    render.render(change(settings, "sip", guests=False), [])
    assert "[anonymous]" not in etc(settings, "pjsip.conf")


ADDRESSES = [("::", "[::]:5060"), ("0.0.0.0", "0.0.0.0:5060"), ("10.0.0.1", "10.0.0.1:5060")]


@pytest.mark.parametrize(("bind", "written"), ADDRESSES)
def test_addresses(settings: Settings, bind: str, written: str) -> None:
    render.render(change(settings, "sip", bind=bind, external_address="203.0.113.5"), [])
    text = etc(settings, "pjsip.conf")
    assert text.count(f"bind = {written}\n") == 2
    assert text.count("external_media_address = 203.0.113.5") == 2
    assert (f"media_address = {bind}" in text) == (bind == "10.0.0.1")


def test_manager_listens_on_loopback_with_few_rights(settings: Settings) -> None:
    render.render(settings, [])
    text = etc(settings, "manager.conf")
    manager = configparser.ConfigParser(strict=False, delimiters=("=",), comment_prefixes=(";",))
    manager.read_string(text)
    assert manager["general"]["bindaddr"] == "127.0.0.1"
    assert manager["general"]["webenabled"] == "no"
    assert set(manager["mcu"]["write"].split(",")) == {"call", "reporting", "originate"}
    assert set(manager["mcu"]["read"].split(",")) == {"call", "system", "dtmf"}
    assert "VarSet" not in text
    assert "name(Newexten)" not in text


@pytest.mark.parametrize("evil", ["x\n[evil]", "a;b", "a]", "a\tb"])
def test_a_setting_that_would_leave_its_line_is_refused(settings: Settings, evil: str) -> None:
    with pytest.raises(ConfigError, match=r"sip\.external_address"):
        render.render(change(settings, "sip", external_address=evil), [])


def test_a_missing_prefix_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"asterisk\.prefix: .*nowhere does not exist"):
        render.render(change(settings, "asterisk", prefix=tmp_path / "nowhere"), [])
    (settings.asterisk.prefix / "sbin/asterisk").unlink()
    with pytest.raises(ConfigError, match="no program of Asterisk"):
        process.command_line(settings)


def test_a_distributions_asterisk_is_found(settings: Settings, tmp_path: Path) -> None:
    """Debian's layout under /usr: modules below the triplet, data in share."""
    usr = tmp_path / "usr"
    modules = f"lib/{platform.machine()}-linux-gnu/asterisk/modules/chan_pjsip.so"
    for file in ("sbin/asterisk", modules, "share/asterisk/documentation/core-en_US.xml"):
        (usr / file).parent.mkdir(parents=True)
        (usr / file).write_bytes(b"")
    theirs = change(settings, "asterisk", prefix=usr)
    render.render(theirs, [])
    assert process.command_line(theirs)[0] == str(usr / "sbin/asterisk")
    assert (theirs.asterisk_dir / "modules/chan_pjsip.so").resolve() == usr / modules


def test_a_missing_module_is_named(settings: Settings) -> None:
    settings.asterisk.module.unlink()
    with pytest.raises(ConfigError, match=r"asterisk\.module: .*res_video_router\.so"):
        render.render(settings, [])


BROKEN = [("{{ nothing }}", "nothing"), ("{% if %}", "line 1"), ("{{ 1 + 'a' }}", "unsupported operand")]


@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_a_broken_template_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, said: str
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/bad.conf.j2").write_text(broken)
    monkeypatch.setattr(render, "TEMPLATES", tmp_path / "templates")
    with pytest.raises(ConfigError, match=rf"bad\.conf\.j2.*{said}"):
        render.render(settings, [])


def test_a_home_too_long_for_a_socket_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="home: too long a path"):
        render.render(settings.model_copy(update={"home": tmp_path / ("x" * 100)}), [])


@pytest.mark.parametrize("name", ["", "A", "a-b", "mixer", "anonymous", "x" * 33, "a b", "é", "a\nb"])
def test_names_of_terminals(name: str) -> None:
    with pytest.raises(BadRequest):
        TerminalAccount(name=name, password="x")


def test_addresses_of_terminals() -> None:
    account = TerminalAccount(name="a", address="10.2.3.4/16")
    assert (account.network, account.endpoint) == ("10.2.0.0/16", "k-a")
    assert TerminalAccount(name="a", password="x").endpoint == "t-a"
    for address in ("10.0.0.1\n", "example.org", "10.0.0.0/33", "0.0.0.0;x"):
        with pytest.raises(BadRequest):
            TerminalAccount(name="a", address=address)
    with pytest.raises(BadRequest):
        TerminalAccount(name="a")
    with pytest.raises(BadRequest):
        TerminalAccount(name="a", password="x", address="10.0.0.1")


def test_what_is_overridden_for_a_terminal_stands_after_the_template(settings: Settings) -> None:
    odd = Overrides(audio_codec="pcma", dtmf="info", srtp="on", picture="cif")
    accounts = [
        TerminalAccount(name="odd", password="x", overrides=odd),
        TerminalAccount(name="fixed", address="10.0.0.9", overrides=Overrides(video_codec="h263", srtp="off")),
        TerminalAccount(name="plain", password="x"),
        TerminalAccount(name="desk", password="x", protocol="browser"),
        TerminalAccount(name="boss", protocol="phone", alias="0912"),
        TerminalAccount(name="old", protocol="h323", alias="7", overrides=Overrides(audio_codec="g729")),
    ]
    render.render(settings, accounts)
    sections = etc(settings, "pjsip.conf").split("\n[")
    endpoints = {part.partition("]")[0]: part for part in sections if part.partition("]")[2].startswith("(terminal)")}
    assert set(endpoints) >= {"odd", "k-fixed", "plain", "desk"}
    assert not {"boss", "old", "k-old"} & {part.partition("]")[0] for part in sections}
    lines = endpoints["odd"].splitlines()
    assert lines[lines.index("disallow = all") :][:2] == ["disallow = all", "allow = alaw"]
    assert "allow = h264,h263p,h263,h261" in lines
    assert {"dtmf_mode = info", "media_encryption = sdes"} <= set(lines)
    lines = endpoints["k-fixed"].splitlines()
    assert {"allow = h263", "media_encryption = no"} <= set(lines)
    assert "allow =" not in endpoints["plain"]
    assert "dtmf_mode" not in endpoints["plain"]


def section(text: str, kind: str) -> dict[str, str]:
    """The trunk's object of that type in pjsip.conf, the last of its lines of one name."""
    objects = [part for part in text.split("\n[") if part.startswith("sip-trunk]")]
    read = [dict(line.split(" = ", 1) for line in one.splitlines() if " = " in line) for one in objects]
    (found,) = [one for one in read if one.get("type", "endpoint") == kind]
    return found


def with_trunk(settings: Settings, **trunk: Any) -> str:
    render.render(settings.model_copy(update={"trunk": Trunk(**trunk)}), [])
    return etc(settings, "pjsip.conf")


def test_a_trunk_that_knows_us_by_our_address_is_not_registered_with(settings: Settings) -> None:
    text = with_trunk(settings, address="[2001:db8::1]:5080", transport="tcp", number="0236", networks=("10.9.0.0/16",))
    assert section(text, "identify")["match"] == "10.9.0.0/16"
    assert "match = 2001:db8::1\n" in text
    assert section(text, "aor")["contact"] == "sip:[2001:db8::1]:5080;transport=tcp"
    assert section(text, "endpoint")["from_user"] == "0236"
    assert "type = registration" not in text
    assert "outbound_registration" not in etc(settings, "modules.conf")


def sources(text: str) -> list[str]:
    """Where the trunk's calls come from."""
    (found,) = [part for part in text.split("\n[") if "type = identify" in part and part.startswith("sip-trunk]")]
    return [line.removeprefix("match = ") for line in found.splitlines() if line.startswith("match = ")]


def test_the_name_of_a_trunk_s_host_is_looked_up_before_asterisk_reads_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for a name server that was away, in which time it took no calls, and then had no trunk."""
    assert "127.0.0.1" in sources(with_trunk(settings, address="localhost"))
    assert not {"localhost", "::"} & set(sources(with_trunk(settings, address="localhost")))
    monkeypatch.setattr(hosts, "WITHIN", 0.05)
    away = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: away.wait(60) and [])
    try:
        assert "127.0.0.1" in sources(with_trunk(settings, address="localhost"))  # as it was before
        assert sources(with_trunk(settings, address="other.vn", networks=("10.9.0.0/16",))) == ["10.9.0.0/16"]
        assert "type = identify\nendpoint = sip-trunk" not in with_trunk(settings, address="other.vn")
    finally:
        away.set()


def test_a_trunk_with_an_account_is_registered_with(settings: Settings) -> None:
    text = with_trunk(settings, address="sip.example.vn", user="mcu", password="a=b,c'd")
    assert section(text, "auth")["password"] == "a=b,c'd"
    registration = section(text, "registration")
    assert registration["client_uri"] == "sip:mcu@sip.example.vn"
    assert int(registration["retry_interval"]) * int(registration["max_retries"]) > 10 * 366 * 86400  # s
    assert registration["contact_user"] == "s"  # without a number of ours: mcu-trunk asks for the room's
    assert "require = res_pjsip_outbound_registration.so" in etc(settings, "modules.conf")


def test_a_password_that_asterisk_cannot_read_is_refused_and_not_shown(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"trunk\.password") as refused:
        with_trunk(settings, address="sip.example.vn", user="mcu", password="secret;word")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["a b", "host;x", "host:port", "sip:host", "host\n[x]", "1.2.3.4/24", "host:0", "host:70000"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Trunk(address=address)
