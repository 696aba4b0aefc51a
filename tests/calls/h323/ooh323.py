"""A foreign H.323 peer: a second Asterisk with chan_ooh323, whose ASN.1 and call control nobody here wrote.

It knows sound only. Whoever is connected with it hears himself: Echo().
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.asterisk.running import free_ports
from tests.patience import Patience
from tests.product import ROOT_PREFIX

_MODULES = (
    "res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "pbx_config", "app_echo", "codec_ulaw",
    "codec_alaw", "codec_resample", "res_pjproject", "res_rtp_asterisk", "bridge_simple", "res_clioriginate",
    "chan_ooh323",
)  # fmt: skip


class Ooh323:
    """``gateway`` is whom it calls; it takes calls itself on ``address``. ``gatekeeper``: address of one to register
    with as 7001, on port 1719."""

    def __init__(
        self,
        gateway: tuple[str, int],
        *,
        fast_start: bool,
        tunnelling: bool,
        codec: str = "ulaw",
        gatekeeper: str = "DISABLE",
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mcu-ooh-"))
        self.address = ("127.0.0.1", free_ports(1)[0])
        self._process: subprocess.Popen[bytes] | None = None
        self._write(gateway, "yes" if fast_start else "no", "yes" if tunnelling else "no", codec, gatekeeper)

    def _write(self, gateway: tuple[str, int], fast_start: str, tunnelling: str, codec: str, gatekeeper: str) -> None:
        home = self.home
        for folder in ("etc", "lib", "db", "run", "log", "spool"):
            (home / folder).mkdir()
        shutil.copytree(ROOT_PREFIX / "var/lib/asterisk/documentation", home / "lib/documentation", dirs_exist_ok=True)
        first = 34000 + self.address[1] % 500 * 10
        files = {
            "asterisk.conf": f"""[directories]
astetcdir => {home}/etc
astmoddir => {ROOT_PREFIX}/lib/asterisk/modules
astvarlibdir => {home}/lib
astdatadir => {home}/lib
astdbdir => {home}/db
astkeydir => {home}/lib
astspooldir => {home}/spool
astrundir => {home}/run
astlogdir => {home}/log
[options]
documentation_language = en_US
""",
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in _MODULES),
            "rtp.conf": f"[general]\nrtpstart = {first}\nrtpend = {first + 99}\n",
            "pjproject.conf": "",
            "acl.conf": "",
            "logger.conf": "[general]\n[logfiles]\nfull => notice,warning,error,verbose\n",
            "extensions.conf": "[incoming]\nexten => _[0-9a-zA-Z].,1,Answer()\n same => n,Echo()\n"
            "exten => s,1,Answer()\n same => n,Echo()\n",
            "ooh323.conf": f"""[general]
port = {self.address[1]}
bindaddr = 127.0.0.1
gatekeeper = {gatekeeper}
h323id = Tong dai
e164 = 7001
callerid = Tong dai
context = incoming
disallow = all
allow = {codec}
dtmfmode = h245alphanumeric
faststart = {fast_start}
h245tunneling = {tunnelling}
logfile = {home}/log/ooh323

[gw]
type = friend
context = incoming
ip = {gateway[0]}
port = {gateway[1]}
disallow = all
allow = {codec}
dtmfmode = h245alphanumeric
faststart = {fast_start}
h245tunneling = {tunnelling}
""",
            **{f"{name}.conf": "[general]\n" for name in ("cdr", "features", "indications", "udptl", "cel", "ccss")},
        }
        for name, text in files.items():
            (home / "etc" / name).write_text(text)

    async def __aenter__(self) -> Ooh323:
        with (self.home / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*self._asterisk, "-f"], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        patience = Patience(30)
        while "fully booted" not in await self.console("core waitfullybooted"):
            assert not patience.over, f"{patience}: the second Asterisk starts\n{self.log}"
            await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _asterisk(self) -> list[str]:
        return [str(ROOT_PREFIX / "sbin/asterisk"), "-C", str(self.home / "etc/asterisk.conf")]

    async def console(self, command: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *self._asterisk, "-rx", command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        printed, _ = await process.communicate()
        return printed.decode(errors="replace")

    async def call(self, number: str) -> None:
        await self.console(f"channel originate OOH323/{number}@gw application Echo")

    async def hang_up(self) -> None:
        await self.console("channel request hangup all")

    @property
    def log(self) -> str:
        """The end of what it has to say."""
        files = (self.home / "log" / "full", self.home / "log" / "ooh323", self.home / "out")
        return "\n".join(file.read_text(errors="replace")[-6000:] for file in files if file.exists())
