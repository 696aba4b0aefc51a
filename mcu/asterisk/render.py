"""Writes everything Asterisk reads into $MCU_HOME/asterisk, for its owner only; doing it again changes nothing.

etc/      configuration: asterisk-conf/*.conf.j2 rendered, dialplan/*.conf copied
local/    the administrator's own additions (pjsip.conf, extensions.conf, …), read after ours, never written here
modules/  links to Asterisk's modules and to ours
data/     documentation and sounds (links to theirs and to ours)
secrets/  passwords
run/ spool/ db/ keys/ agi-bin/    what Asterisk writes
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import structlog

from mcu import config
from mcu.asterisk import farm, hosts, installation
from mcu.asterisk.module import documentation
from mcu.asterisk.secrets import AMI_USER, H323_USER, agi_secret, ami_secret, h323_secret
from mcu.config import Settings
from mcu.core.directory.accounts import REALM, TerminalAccount
from mcu.core.languages import LANGUAGES
from mcu.core.picture.rates import CODECS
from mcu.errors import ConfigError

TEMPLATES = config.PROJECT / "asterisk-conf"
DIALPLAN = config.PROJECT / "dialplan"

MUSIC = "music"  # a folder beside theirs: what is played in the lobby
# Overrides' words in Asterisk's; its "auto" is RFC 4733 or else tones, "auto_info" RFC 4733 or else SIP INFO.
_AUDIO = {"pcmu": "ulaw", "pcma": "alaw", "g722": "g722"}
_DTMF = {"auto": "auto", "rfc4733": "rfc4733", "info": "info", "inband": "inband"}
_FORMATS = "res_format_attr_h26x.so"

_MADE_BY_US = "; Written by mcu at every start: changes are lost. Your own go into {}.\n"
_TRUNK_ADDRESSES = "trunk-addresses"
_LONGEST_SOCKET = 107  # octets of a Unix socket's path (sun_path of unix(7), with its final NUL)
_BREAKS_VALUE = re.compile(r"[^\S ]|[\0;\[\]]")  # would end a line, begin a comment or a section

_log = structlog.get_logger("mcu.asterisk")


def render(settings: Settings, terminals: Iterable[TerminalAccount]) -> None:
    """Write it all. Raises ConfigError naming the prefix, template or file that is at fault."""
    home = settings.asterisk_dir
    there = installation.find(settings)
    socket = home / "run" / "asterisk.ctl"
    if len(os.fsencode(socket)) > _LONGEST_SOCKET:
        raise ConfigError(f"home: too long a path, since a socket's holds {_LONGEST_SOCKET} octets: {socket}")
    available = _modules(settings, there)
    try:
        for folder in ("", "etc", "etc/dialplan", "data", "local", "run", "spool", "db", "keys", "agi-bin"):
            _private(home / folder)
        _private(settings.log_dir)
        farm.links(home / "modules", available)
        farm.sounds(home / "data" / "sounds", there.sounds, (*LANGUAGES, MUSIC))
        documents = home / "data" / "documentation"
        theirs = (there.data / "documentation").glob("*.*")
        farm.links(documents, {file.name: file for file in theirs if file.is_file()})
        _private(documents / "thirdparty")
        _write(documents / "thirdparty" / documentation.FILE_NAME, documentation.document())
        _write_all(home / "etc", _files(settings, list(terminals), frozenset(available)))
    except OSError as fault:
        raise ConfigError(f"Asterisk's configuration could not be written: {fault}") from None


def _modules(settings: Settings, there: installation.Installation) -> dict[str, Path]:
    found = {file.name: file for file in sorted(there.modules.glob("*.so"))}
    if not settings.asterisk.module.is_file():
        raise ConfigError(f"asterisk.module: {settings.asterisk.module} does not exist; `make setup` builds it")
    found["res_video_router.so"] = settings.asterisk.module.resolve()
    formats = found["res_video_router.so"].with_name(_FORMATS)  # built with it
    if not formats.is_file():
        raise ConfigError(f"asterisk.module: {formats} is missing beside the video router; `make setup` builds both")
    found[_FORMATS] = formats
    return found


def _files(settings: Settings, terminals: list[TerminalAccount], modules: frozenset[str]) -> dict[str, str]:
    """All files of etc/, name to content."""
    home = settings.asterisk_dir
    # Calls of the others come from the H.323 gateway and over the trunk.
    terminals = [one for one in terminals if one.protocol in ("sip", "browser")]
    values = {
        "sip": settings.sip.model_dump(),
        "rtp": settings.rtp.model_dump(),
        "trunk": _trunk(settings),
        "asterisk": settings.asterisk.model_dump(),
        "mixer": settings.mixer.model_dump(),
        "rooms": settings.rooms.model_dump(),
        "home": home,
        "etc": home / "etc",
        "log_dir": settings.log_dir,
        "modules": sorted(modules),
        "registering": [{"name": one.name, "digest": _digest(one), **_odd(one)} for one in terminals if one.password],
        "known": [{"endpoint": one.endpoint, "network": one.network, **_odd(one)} for one in terminals if one.address],
        "ami_user": AMI_USER,
        "ami_secret": ami_secret(settings),
        "agi_secret": agi_secret(settings),
        "h323_bind": settings.h323_bind,
        "h323_user": H323_USER,
        "h323_secret": h323_secret(settings),
        "realm": REALM,
        "video_codecs": CODECS,
    }
    _check(values, "")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # no HTML: _check refuses what could break out of a line
    )
    files = {}
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        name = template.name.removesuffix(".j2")
        files[name] = _MADE_BY_US.format(home / "local" / name) + _rendered(environment, template.name, values)
    for fragment in sorted(DIALPLAN.glob("*.conf")):
        files[f"dialplan/{fragment.name}"] = fragment.read_text(encoding="utf-8")
    if not files:
        raise ConfigError(f"no templates in {TEMPLATES}")
    return files


def _rendered(environment: jinja2.Environment, name: str, values: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as fault:
        raise ConfigError(f"{TEMPLATES / name}, line {fault.lineno}: {fault.message}") from None
    except (jinja2.TemplateError, TypeError) as fault:
        raise ConfigError(f"{TEMPLATES / name}: {fault}") from None


def _check(value: object, name: str) -> None:
    """Raise ConfigError for a text that would not stay in its line or would begin a comment or a section."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _check(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, name)
    elif _BREAKS_VALUE.search(str(value)):
        raise ConfigError(f"{name}: {str(value)[:60]!r} can't stand in a configuration file of Asterisk")


def _odd(terminal: TerminalAccount) -> dict[str, str]:
    """What is overridden for one terminal, in Asterisk's words; empty where nothing is. The largest picture and the bit
    rate towards it are no settings of Asterisk: core chooses the view that fits."""
    overrides = terminal.overrides
    return {
        "audio": _AUDIO.get(overrides.audio_codec, ""),
        "video": overrides.video_codec,
        "dtmf_mode": _DTMF.get(overrides.dtmf, ""),
        "media_encryption": {"on": "sdes", "off": "no"}.get(overrides.srtp, ""),
    }


def _trunk(settings: Settings) -> dict[str, Any]:
    trunk = settings.trunk
    if _BREAKS_VALUE.search(trunk.password):  # not by _check, which shows what it refuses
        raise ConfigError("trunk.password: a line's end, ; [ and ] can't stand in a configuration file of Asterisk")
    told = trunk.model_dump(exclude={"address"})
    told |= {"host": trunk.host, "port": trunk.port, "registration": trunk.registration}
    return told | {"sources": (*_addresses(settings), *trunk.networks)}


def _addresses(settings: Settings) -> tuple[str, ...]:
    """Of the trunk's host; as they were last found, where its name cannot be looked up now."""
    host, kept = settings.trunk.host, settings.asterisk_dir / _TRUNK_ADDRESSES
    if not host or hosts.is_address(host):
        return (host,) if host else ()
    if found := hosts.addresses(host):
        _write(kept, "\n".join((host, *found)))
        return found
    of, *before = kept.read_text(encoding="utf-8").split() if kept.is_file() else [""]
    known = tuple(one for one in before if of == host and hosts.is_address(one))
    _log.warning("asterisk.trunk_not_found", host=host, taken_for=known)
    return known


def _digest(terminal: TerminalAccount) -> str:
    """HA1 of RFC 2617 3.2.2.2, so that a password needs no escaping and isn't in the file as it is."""
    ha1 = f"{terminal.name}:{REALM}:{terminal.password}"
    return hashlib.md5(ha1.encode(), usedforsecurity=False).hexdigest()


def _private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _write(file: Path, content: str) -> None:
    """By renaming, so that Asterisk never reads a half; not at all when it is so already."""
    data = content.encode()
    if file.is_file() and file.read_bytes() == data and not file.stat().st_mode & 0o077:
        return
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
        made.write(data)
    fresh.rename(file)


def _write_all(etc: Path, files: Mapping[str, str]) -> None:
    """Write these, and remove what is no longer made."""
    for name, content in files.items():
        _write(etc / name, content)
    for file in [*etc.glob("*.conf"), *(etc / "dialplan").glob("*.conf")]:
        if str(file.relative_to(etc)) not in files:
            file.unlink()
