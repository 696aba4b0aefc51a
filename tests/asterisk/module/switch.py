"""An Asterisk of the tests' own: private folders, generated configuration, started and stopped by its process id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from mcu.asterisk.module import documentation
from tests.patience import Patience
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
PREFIX = ROOT / ".prefix" / "asterisk"
SOURCES = ROOT / "mcu" / "asterisk" / "module"

# Above the terminals' and below the ephemeral range, out of which anybody could have taken one that is to be for RTCP.
_RTP = (31000, 32767)

# Nothing here speaks to these; each would want configuration or a port.
LEFT_OUT = {
    "chan_ooh323.so", "res_pjsip_notify.so", "res_clialiases.so", "res_pjsip_transport_websocket.so",
    "res_http_websocket.so", "res_websocket_client.so", "res_stun_monitor.so", "res_video_router.so",
}  # fmt: skip

CONFIGURATION = {
    "asterisk.conf": """
[directories]
astetcdir => {home}/etc
astmoddir => {home}/modules
astvarlibdir => {home}/lib
astdbdir => {home}/lib
astkeydir => {home}/lib
astdatadir => {home}/data
astagidir => {home}/lib
astspooldir => {home}/spool
astrundir => {home}/run
astlogdir => {home}/log
astsbindir => {prefix}/sbin
[options]
verbose = 3
""",
    "modules.conf": "[modules]\nautoload=yes\n",
    "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
    "manager.conf": """
[general]
enabled = yes
port = {ami}
bindaddr = 127.0.0.1
channelvars = MCU_ID,TEST_CALL
[tests]
secret = tests
read = call,user,command
write = all
eventfilter(action(exclude),name(VarSet)) =
eventfilter(action(exclude),name(Newexten)) =
[listener]
secret = tests
read = call
write = call
""",
    "rtp.conf": "[general]\nrtpstart = {rtp_start}\nrtpend = {rtp_end}\nicesupport = no\n",
    "pjsip.conf": """
[global]
type = global
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{sip}
[terminal]
type = endpoint
context = terminals
disallow = all
allow = ulaw,h264,vp8,h263p
direct_media = no
identify_by = ip
max_video_streams = 1
[terminal]
type = identify
endpoint = terminal
match = 127.0.0.1
""",
    "confbridge.conf": """
[general]
[room]
type = bridge
[guest]
type = user
quiet = yes
[keys]
type = menu
1 = dialplan_exec(terminals,key,1)
""",
    "video_router.conf": "[general]\nkeyframe_interval = {keyframe_interval}\n",
    "extensions.conf": """
[general]
[terminals]
exten => room,1,GoSub(wired,1)
 same => n,Answer(,i)
 same => n,ConfBridge(${{PJSIP_HEADER(read,X-Room)}},room,guest,keys)
 same => n,Hangup()
exten => leg,1,GoSub(wired,1)
 same => n,Answer(,i)
 same => n,BridgeWait(legs,participant,e(n))
exten => alone,1,GoSub(wired,1)
 same => n,Answer(,i)
 same => n,Wait(600)
exten => key,1,UserEvent(Away)
 same => n,Wait(1.5)
 same => n,UserEvent(Back)
exten => other,1,ConfBridge(other,room,guest)
exten => elsewhere,1,ConfBridge(elsewhere,room,guest)
exten => pause,1,Wait(2.1)
 same => n,UserEvent(Paused)
 same => n,Wait(600)
exten => early,1,Set(MCU_FMTP=${{VIDEO_FMTP()}})
 same => n,Answer(,i)
 same => n,Wait(600)
exten => wired,1,Set(VIDEO_PUBLISH()=${{PJSIP_HEADER(read,X-Publish)}})
 same => n,Set(VIDEO_SUBSCRIBE()=${{PJSIP_HEADER(read,X-Subscribe)}})
 same => n,Set(TEST_CALL=${{CHANNEL(pjsip,call-id)}})
 same => n,Set(MCU_ID=${{PJSIP_HEADER(read,X-Id)}})
 same => n,Return()
""",
}
EMPTY = ("cdr", "cel", "features", "indications", "acl", "udptl", "musiconhold", "ccss")


def build(target: Path, *flags: str) -> Path:
    """Compile the module the way the set-up does, with warnings as errors."""
    include = PREFIX / "include"
    if not include.is_dir():
        raise FileNotFoundError(f"{include}: Asterisk's headers are missing; make setup builds them")
    subprocess.run(
        [
            "cc",
            "-shared",
            "-fPIC",
            "-O2",
            "-g",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unused-parameter",
            "-Wno-missing-field-initializers",
            "-isystem",
            str(include),
            *flags,
            "-o",
            str(target),
            *map(str, sorted(SOURCES.glob("*.c"))),
        ],
        check=True,
    )
    return target


class Switch:
    """Asterisk with the module, or without it. ``start()`` returns when AMI is open and everything is loaded."""

    def __init__(
        self, home: Path, module: Path | None, keyframe_interval: int = 500, rtp: tuple[int, int] = _RTP
    ) -> None:
        self.home = home
        self.sip = free_port()
        self.ami = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        for folder in ("etc", "modules", "lib", "data", "spool", "run", "log"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        share = PREFIX / "var" / "lib" / "asterisk"
        (home / "data" / "documentation" / "thirdparty").mkdir(parents=True)
        for file in (share / "documentation").glob("*.*"):
            (home / "data" / "documentation" / file.name).symlink_to(file)
        (home / "data" / "documentation" / "thirdparty" / documentation.FILE_NAME).write_text(documentation.document())
        for shared in sorted((PREFIX / "lib" / "asterisk" / "modules").glob("*.so")):
            if shared.name not in LEFT_OUT:
                (home / "modules" / shared.name).symlink_to(shared)
        if module:
            (home / "modules" / "res_video_router.so").symlink_to(module)
        values = {
            "home": home,
            "prefix": PREFIX,
            "sip": self.sip,
            "ami": self.ami,
            "rtp_start": rtp[0],
            "rtp_end": rtp[1],
            "keyframe_interval": keyframe_interval,
        }
        for name, text in CONFIGURATION.items():
            (home / "etc" / name).write_text(text.format(**values))
        for name in EMPTY:
            (home / "etc" / f"{name}.conf").write_text("")

    def start(self, environment: dict[str, str] | None = None, seconds: float = 30) -> None:
        log = (self.home / "log" / "console").open("wb")
        self.process = subprocess.Popen(
            [str(PREFIX / "sbin" / "asterisk"), "-f", "-C", str(self.home / "etc" / "asterisk.conf")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **(environment or {})},
        )
        log.close()
        patience = Patience(seconds)
        while not self._booted():
            if self.process.poll() is not None or patience.over:
                raise RuntimeError(f"Asterisk did not start: {self.console()}")
            time.sleep(0.05)

    def cli(self, command: str) -> str:
        """What the command line prints; AMI refuses to load and unload."""
        return subprocess.run(
            [str(PREFIX / "sbin" / "asterisk"), "-C", str(self.home / "etc" / "asterisk.conf"), "-rx", command],
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    def _booted(self) -> bool:
        return "fully booted" in self.cli("core waitfullybooted")

    def unload(self, module: str) -> str:
        """The command line's last word: its use ends a moment after the last call's, of which AMI has told."""
        patience = Patience(20)
        while "Unloaded" not in (answer := self.cli(f"module unload {module}")) and not patience.over:
            time.sleep(0.05)
        return answer

    def stop(self, seconds: float = 30) -> int:
        """End it in good order; its exit status."""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def console(self) -> str:
        return (self.home / "log" / "console").read_text(errors="replace")

    def log(self) -> str:
        path = self.home / "log" / "messages"
        return path.read_text(errors="replace") if path.exists() else ""
