"""Settings: defaults < ``mcu.toml`` < ``conf.d/*.toml`` < environment ``MCU_*``; typed, an unknown key is an error.

``MCU_HOME`` (default ``./var``) holds the database, sockets, logs and Asterisk's generated configuration.
The environment spells nested keys with two underscores: ``MCU_SIP__PORT=5062``.
"""

from __future__ import annotations

import difflib
import os
import tomllib
import urllib.parse
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from mcu.errors import ConfigError

PROJECT = Path(__file__).resolve().parent.parent


def reachable(bind: str) -> str:
    """The address at which this machine reaches what listens on ``bind``: of a wildcard that is loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sip(_Section):
    """Where terminals reach Asterisk."""

    bind: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 opens the MCU to the network")
    port: int = Field(default=5060, ge=1, le=65535, description="SIP over UDP and TCP")
    external_address: str = Field(default="", description="address announced to terminals behind a NAT in front of us")
    local_net: str = Field(default="127.0.0.0/8", description="network that is reached without the external address")
    guests: bool = Field(default=True, description="strangers may dial rooms that are open to guests")

    @property
    def announced(self) -> str:
        """The address at which terminals reach the MCU; empty where nothing says which one of this machine's it is."""
        return self.external_address or ("" if self.bind in ("0.0.0.0", "::") else self.bind)


class Trunk(_Section):
    """The line to the telephone network: a SIP trunk of a provider's, or of the office's own exchange."""

    address: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:]{2,39}\](:[0-9]{1,5})?)?$",
        description="host or host:port of the other side; empty: there is no such line",
    )
    transport: str = Field(default="udp", pattern="^(udp|tcp)$")
    user: str = Field(default="", pattern=r"^[A-Za-z0-9_.+-]{0,64}$", description="the MCU's account there")
    password: str = Field(default="", repr=False)
    registers: bool = Field(default=True, description="register, where there is a user")
    networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="where its calls come from, besides its address"
    )
    number: str = Field(
        default="",
        pattern=r"^\+?[0-9]{0,17}$",
        description="the MCU's number there: who calls it is asked for a meeting's number",
    )
    country: str = Field(default="84", pattern="^[0-9]{0,4}$", description="numbers of +84… are those of 0…")
    prefix: str = Field(default="", pattern="^[0-9*#+]{0,8}$", description="dialled before every number")
    international: bool = Field(default=False, description="numbers of other countries may be called")

    @field_validator("address")
    @classmethod
    def _known_port(cls, address: str) -> str:
        if urllib.parse.urlsplit(f"//{address}").port == 0:  # raises ValueError for one above 65535
            raise ValueError("there is no port 0")
        return address

    @property
    def host(self) -> str:
        """An IPv6 address without its brackets."""
        return urllib.parse.urlsplit(f"//{self.address}").hostname or ""

    @property
    def port(self) -> int:
        """0: SIP's own."""
        return urllib.parse.urlsplit(f"//{self.address}").port or 0

    @property
    def registration(self) -> bool:
        """Whether the MCU registers there."""
        return bool(self.address and self.user and self.registers)


class Rtp(_Section):
    """UDP ports of Asterisk's media, the legs to the mixer included."""

    first: int = Field(default=10000, ge=1024, le=65534)
    last: int = Field(default=20000, ge=1025, le=65535)


class Asterisk(_Section):
    prefix: Path = Field(default=PROJECT / ".prefix/asterisk", description="where Asterisk is installed")
    module: Path = Field(default=PROJECT / ".prefix/modules/res_video_router.so", description="our video router")
    sounds: Path = Field(default=PROJECT / ".prefix/sounds", description="prompts, one folder a language")
    ami_port: int = Field(default=5038, ge=1, le=65535)
    agi_port: int = Field(default=4573, ge=1, le=65535)
    language: str = Field(default="vi", pattern="^(vi|en)$", description="language of the spoken prompts")


class Mixer(_Section):
    sip_port: int = Field(default=5070, ge=1, le=65535, description="SIP on loopback, between Asterisk and the mixer")
    rtp_first: int = Field(default=20002, ge=1024, le=65534)
    rtp_last: int = Field(default=28000, ge=1025, le=65535)
    threads: int = Field(default=0, ge=0, le=256, description="coding threads; 0 takes one a core")


class OutsideGatekeeper(_Section):
    """A gatekeeper that the MCU registers with, besides its own."""

    address: str = Field(default="", description="host or host:port; empty registers nowhere")
    alias: str = Field(default="", max_length=64, description="H.323-ID to register")
    number: str = Field(default="", pattern="^[0-9]{0,16}$", description="E.164 number or prefix to register")
    password: str = Field(default="", repr=False, description="for H.235.1 or MD5 tokens")


class H323(_Section):
    """The H.323 gateway: where terminals reach it, what it allows, how it speaks with Asterisk."""

    enabled: bool = Field(default=True, description="whether `mcu run` runs the gateway")
    bind: str = Field(default="", description="address to listen on; empty takes sip.bind, `::` is IPv6 and IPv4")
    port: int = Field(default=1720, ge=1, le=65535, description="H.225 call signalling, TCP")
    ras_port: int = Field(default=1719, ge=1, le=65535, description="the gatekeeper's RAS, UDP")
    h245_first: int = Field(default=28100, ge=1024, le=65535, description="TCP ports of H.245 connections, one a call")
    h245_last: int = Field(default=28999, ge=1024, le=65535)
    sip_port: int = Field(default=5072, ge=1, le=65535, description="SIP on loopback, between Asterisk and the gateway")
    most_calls: int = Field(default=200, ge=1, le=2000, description="calls at once; more are refused as busy")
    connections_per_address: int = Field(default=20, ge=1, description="TCP connections of one address at once")
    connections_per_minute: int = Field(default=60, ge=1, description="new TCP connections of one address a minute")
    bit_rate: int = Field(default=2_000_000, ge=64_000, description="bit/s of video that a terminal may send at most")
    fast_start: bool = Field(default=False, description="take and offer fast start; slow start suits more terminals")
    tunnelling: bool = Field(default=True, description="H.245 inside the call signalling where the terminal can")
    trace: bool = Field(
        default=False, description="keep the messages of every call; one call's can be kept at any time"
    )
    gatekeeper_id: str = Field(
        default="MCU", min_length=1, max_length=64, description="what our gatekeeper calls itself"
    )
    discovery: bool = Field(
        default=False, description="answer terminals that look for a gatekeeper by multicast (224.0.1.41:1718)"
    )
    neighbours: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="gatekeepers that may ask ours where a terminal is; single addresses are asked by ours, too",
    )
    gatekeeper: OutsideGatekeeper = OutsideGatekeeper()


class Limits(_Section):
    """Calls that would be more are refused, politely, before those that run suffer."""

    room_members: int = Field(default=250, ge=1, le=10_000, description="most who take part in one room")
    personal_views: int = Field(
        default=8,
        ge=0,
        le=250,
        description="most in one room who see a picture of their own, each encoded for it alone",
    )
    members: int = Field(default=500, ge=1, le=10_000, description="most who take part in all rooms together")


class Dialling(_Section):
    """Calls that the MCU makes."""

    per_second: float = Field(
        default=5.0, gt=0, le=50, description="calls begun in a second when many sites are called"
    )
    at_once: int = Field(default=100, ge=1, le=1000, description="calls that ring at once")
    redials: int = Field(default=5, ge=0, le=20, description="attempts to bring back a site whose call broke; 0: none")
    chair_addresses: bool = Field(
        default=False,
        description="whether the chair of a room may call any address, and terminals that stand at no site",
    )


class Quality(_Section):
    """From where a call's line is told as poor, and from where as bad."""

    every: float = Field(default=10.0, ge=1, le=300, description="seconds between two readings of all lines")
    poor_loss: float = Field(default=1.0, ge=0, le=100, description="packets lost, per cent, either way")
    bad_loss: float = Field(default=5.0, ge=0, le=100)
    poor_rtt: float = Field(default=300.0, ge=0, description="round trip, ms")
    bad_rtt: float = Field(default=800.0, ge=0)
    poor_jitter: float = Field(default=50.0, ge=0, description="ms")
    bad_jitter: float = Field(default=150.0, ge=0)


class Testing(_Section):
    """Test sessions before a meeting. What makes a line poor or bad is in the section quality."""

    seconds: float = Field(default=15.0, ge=6, le=300, description="that each site is watched; RTCP reports every 5 s")


class Rooms(_Section):
    echo: str = Field(
        default="",
        pattern="^[0-9]{0,16}$",
        description="number at which a site hears and sees itself, for trying alone; empty: there is none",
    )


class Webhooks(_Section):
    private: bool = Field(default=False, description="webhooks may lead to loopback and private networks, too")


class Schedule(_Section):
    """Planned meetings and reports."""

    zone: str = Field(default="Asia/Ho_Chi_Minh", description="zone of meetings and reports that name none")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError("no time zone of the IANA database, as Asia/Ho_Chi_Minh is") from None
        return zone


class Savings(_Section):
    """What the report of savings assumes; it names these figures."""

    people_per_vehicle: int = Field(default=4, ge=1, le=100, description="people who would have shared a vehicle")
    speed: float = Field(default=40.0, gt=0, le=300, description="km/h on average")
    cost_per_km: float = Field(default=10_000.0, ge=0, description="of a vehicle, with its driver")
    cost_per_hour: float = Field(default=50_000.0, ge=0, description="of a person's time on the road")
    co2_per_km: float = Field(default=0.2, ge=0, description="kg, of a vehicle")
    currency: str = Field(default="VND", min_length=1, max_length=8)
    detour: float = Field(default=1.3, ge=1, le=5, description="roads' length over that as the crow flies")
    least_minutes: int = Field(default=5, ge=0, le=600, description="sites that were there for less do not count")
    least_people: int = Field(default=1, ge=0, le=1000, description="at a site of which no number is known")


class Web(_Section):
    bind: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    operators: int = Field(default=100, ge=1, le=500, description="panels open at once; each holds two threads")


class Retention(_Section):
    """How long what has happened is kept."""

    days: int = Field(
        default=730,
        ge=0,
        le=36_500,
        description="days that ended conferences, attendance, audit, notices and deliveries are kept; 0: for ever",
    )


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="MCU_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(default=Path("var"), description="database, sockets, logs, generated configuration")
    database: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the home")
    admin_password: str = Field(
        default="", description="first administrator's password; empty makes a random one, shown once"
    )
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    sip: Sip = Sip()
    rtp: Rtp = Rtp()
    trunk: Trunk = Trunk()
    asterisk: Asterisk = Asterisk()
    mixer: Mixer = Mixer()
    h323: H323 = H323()
    schedule: Schedule = Schedule()
    savings: Savings = Savings()
    web: Web = Web()
    webhooks: Webhooks = Webhooks()
    limits: Limits = Limits()
    dialling: Dialling = Dialling()
    quality: Quality = Quality()
    testing: Testing = Testing()
    rooms: Rooms = Rooms()
    retention: Retention = Retention()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # files come in as init arguments and yield to the environment

    @property
    def run_dir(self) -> Path:
        return self.home / "run"

    @property
    def log_dir(self) -> Path:
        return self.home / "log"

    @property
    def control_socket(self) -> Path:
        return self.run_dir / "control.sock"

    @property
    def h323_bind(self) -> str:
        """The address that the H.323 gateway listens on."""
        return self.h323.bind or self.sip.bind

    @property
    def asterisk_dir(self) -> Path:
        """Asterisk's private directories: etc, var, run, log, spool, modules."""
        return self.home / "asterisk"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'mcu.db'}"


def load(file: Path | None = None) -> Settings:
    """The effective settings.

    ``file`` (default ``$MCU_CONFIG``, else ``./mcu.toml`` if it is there) and ``conf.d/*.toml`` beside it. Raises
    ConfigError with the key's name, the file, and a "did you mean" for a key that does not exist.
    """
    environ = dict(os.environ)
    named = file or (Path(environ["MCU_CONFIG"]) if environ.get("MCU_CONFIG") else None)
    main = named or Path("mcu.toml")
    if named and not named.is_file():
        raise ConfigError(f"configuration file {named} does not exist")
    merged: dict[str, Any] = {}
    for path in [*([main] if main.is_file() else []), *sorted((main.parent / "conf.d").glob("*.toml"))]:
        _merge(merged, _read(path))
    _check_environment(environ)
    try:
        settings = Settings(**merged)
    except ValidationError as fault:
        raise ConfigError(_explain(fault)) from None
    except SettingsError as fault:  # a whole section in one variable that is no JSON: MCU_SIP=foo
        raise ConfigError(f"environment: {fault}") from None
    return settings.model_copy(update={"home": settings.home.resolve()})


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigError(f"{path}: {fault}") from None
    _check_keys(values, Settings, str(path), "")
    return values


def _check_keys(values: dict[str, Any], model: type[BaseModel], where: str, prefix: str) -> None:
    for key, value in values.items():
        field = model.model_fields.get(key)
        if field is None:
            raise ConfigError(f"{where}: unknown key {prefix}{key}{_did_you_mean(key, list(model.model_fields))}")
        kind = field.annotation
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
            _check_keys(value, kind, where, f"{prefix}{key}.")


# Variables with our prefix that are no settings: they steer the set-up, the choice of file, and where commands go.
_OTHER_VARIABLES = {"MCU_CONFIG", "MCU_CACHE", "MCU_PJSIP_PREFIX", "MCU_SERVER", "MCU_TOKEN"}


def _check_environment(environ: dict[str, str]) -> None:
    known = _variables(Settings, "MCU_") | _OTHER_VARIABLES
    for variable in environ:
        if variable.startswith("MCU_") and variable not in known:
            raise ConfigError(f"environment: unknown setting {variable}{_did_you_mean(variable, sorted(known))}")


def _variables(model: type[BaseModel], prefix: str) -> set[str]:
    known = {f"{prefix}{name.upper()}" for name in model.model_fields}
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            known |= _variables(kind, f"{prefix}{name.upper()}__")
    return known


def _did_you_mean(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else f" (known: {', '.join(known)})"


def _merge(into: dict[str, Any], values: dict[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _explain(fault: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors())
