"""A second Asterisk beside the MCU's, as a foreign peer: whose protocols nobody here wrote."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.patience import Patience
from tests.product import ROOT_PREFIX

_MODULES = (
    "res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "pbx_config", "app_echo", "codec_ulaw",
    "codec_alaw", "codec_resample", "res_pjproject", "res_rtp_asterisk", "bridge_simple", "res_clioriginate",
)  # fmt: skip


class SecondAsterisk:
    """``modules``: beside those that every peer needs. ``rtp``: its first of a hundred ports. ``own_logs``: files in
    log/ that its drivers write themselves. What else stands in its etc/ is for a subclass to write."""

    def __init__(self, modules: tuple[str, ...], rtp: int, own_logs: tuple[str, ...] = ()) -> None:
        self.home = home = Path(tempfile.mkdtemp(prefix="mcu-2nd-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._logs = ("full", *own_logs)
        for folder in ("etc", "lib", "db", "run", "log", "spool"):
            (home / folder).mkdir()
        shutil.copytree(ROOT_PREFIX / "var/lib/asterisk/documentation", home / "lib/documentation", dirs_exist_ok=True)
        loads = "".join(f"load = {name}.so\n" for name in (*_MODULES, *modules))
        written: dict[str, str] = {
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
            "modules.conf": f"[modules]\nautoload = no\n{loads}",
            "rtp.conf": f"[general]\nrtpstart = {rtp}\nrtpend = {rtp + 99}\n",
            "pjproject.conf": "",
            "acl.conf": "",
            "logger.conf": "[general]\n[logfiles]\nfull => notice,warning,error,verbose\n",
            **{f"{name}.conf": "[general]\n" for name in ("cdr", "features", "indications", "udptl", "cel", "ccss")},
        }
        self.write(written)

    def write(self, files: Mapping[str, str]) -> None:
        """Into its etc/."""
        for name, text in files.items():
            (self.home / "etc" / name).write_text(text)

    def start(self) -> None:
        """Raises AssertionError with its log if it does not come up."""
        with (self.home / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [*self._asterisk, "-f"], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        patience = Patience(30)
        while "fully booted" not in self._say("core waitfullybooted"):
            assert not patience.over, f"{patience}: the second Asterisk starts\n{self.log}"
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    @property
    def _asterisk(self) -> list[str]:
        return [str(ROOT_PREFIX / "sbin/asterisk"), "-C", str(self.home / "etc/asterisk.conf")]

    async def console(self, command: str) -> str:
        return await asyncio.to_thread(self._say, command)

    def _say(self, command: str) -> str:
        asked = [*self._asterisk, "-rx", command]
        said = subprocess.run(
            asked, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return said.stdout.decode(errors="replace")

    async def hang_up(self) -> None:
        await self.console("channel request hangup all")

    @property
    def log(self) -> str:
        """The end of what it has to say."""
        files = (*(self.home / "log" / name for name in self._logs), self.home / "out")
        return "\n".join(file.read_text(errors="replace")[-6000:] for file in files if file.exists())
