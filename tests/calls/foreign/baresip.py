"""baresip (Debian packages baresip-core, baresip-ffmpeg): a terminal of others' making, steered over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.patience import Patience
from tests.ports import free_port
from tests.probe import stamp
from tests.probe.user_agent import Address
from tests.waiting import until

# s to its first picture. It knows PLI but not FIR (RFC 5104), all that Asterisk sends, so that is at times the next
# keyframe of its own accord, which is each 300th picture: 10 s, or thrice that where it gets a third of a processor.
KEYFRAME = 30.0
_PNG_END = b"IEND\xaeB\x60\x82"  # the last chunk's type and CRC, ISO/IEC 15948
_MODULES = Path("/usr/lib/baresip/modules")
_CONFIG = """
sip_listen 127.0.0.1:{sip}
module_path {modules}
module g711.so
module aufile.so
module avcodec.so
module avformat.so
module fakevideo.so
module snapshot.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
audio_source aufile,{home}/tone.wav
audio_player aufile,{home}/heard.wav
audio_alert aufile,{home}/alert.wav
audio_srate 8000
audio_channels 1
video_source avformat,{home}/camera.mp4
video_display fakevideo,nil
video_size {width}x{height}
video_bitrate 600000
video_fps 30
"""


class Baresip:
    """``port`` is where it is called."""

    def __init__(self, home: Path, port: int, control: int) -> None:
        self.home, self.port = home, port
        self._control = control
        self._buffer = b""
        self.events: list[dict[str, object]] = []

    async def command(self, name: str, parameters: str = "") -> None:
        """Send one command; what comes back and what happens meanwhile is gathered in ``events``."""
        message = json.dumps({"command": name, "params": parameters}).encode()
        self._writer.write(b"%d:%s," % (len(message), message))
        await self._writer.drain()

    async def connect(self) -> None:
        patience = Patience(15)
        while True:
            try:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
                break
            except OSError:
                assert not patience.over, f"{patience}: baresip listens\n{self.said}"
                await asyncio.sleep(0.05)
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        self._listening.cancel()
        self._writer.close()

    @property
    def said(self) -> str:
        """What it printed."""
        return (self.home / "out").read_text(errors="replace")[-4000:]

    def happened(self, kind: str) -> bool:
        return any(event.get("type") == kind for event in self.events)

    async def seen(self) -> stamp.Picture:
        """A picture that it received, by its own snapshot, RGB."""
        for file in self.home.glob("snapshot-*.png"):
            file.unlink()  # their names hold the second, and one of this second would have the same name
        await self.command("snapshot")
        patience = Patience(20)
        while True:
            for file in self.home.glob("snapshot-recv-*.png"):
                octets = file.read_bytes()
                if octets.endswith(_PNG_END):  # else it is half written
                    with Image.open(io.BytesIO(octets)) as image:
                        return np.asarray(image.convert("RGB"), np.uint8)
            assert not patience.over, f"{patience}: a snapshot\n{self.said}"
            await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        while data := await self._reader.read(65536):
            self._buffer += data
            while (colon := self._buffer.find(b":")) > 0:
                size = int(self._buffer[:colon])
                if len(self._buffer) < colon + size + 2:
                    break
                self.events.append(json.loads(self._buffer[colon + 1 : colon + 1 + size]))
                self._buffer = self._buffer[colon + size + 2 :]


@asynccontextmanager
async def running(
    server: Address, colour: str, tone: int, display: str, *, answers: bool = False, codec: str = "h264"
) -> AsyncIterator[Baresip]:
    """A baresip with a camera of one colour and a tone, not in a call yet; it takes every call if it ``answers``.

    ``codec``: the one of video that it has, "h264" or "h263". FileNotFoundError if it is missing.
    """
    program = shutil.which("baresip")
    if program is None or not (_MODULES / "avformat.so").is_file():
        raise FileNotFoundError("baresip with avformat is not there: apt-get install baresip-core baresip-ffmpeg")
    home = Path(tempfile.mkdtemp(prefix="baresip-"))
    sip_port, control = free_port(), free_port()
    while abs(control - sip_port) < 2:  # for TLS it takes the port after that of SIP
        control = free_port()
    width, height = (
        (640, 360) if codec == "h264" else (352, 288)
    )  # baresip codes what its camera gives, H.263 not any size
    config = _CONFIG.format(sip=sip_port, control=control, home=home, modules=_MODULES, width=width, height=height)
    (home / "config").write_text(config)
    account = f'"{display}" <sip:baresip@{server[0]}:{server[1]};transport=udp>;regint=0'
    account += f";audio_codecs=PCMU;video_codecs={codec}" + (";answermode=auto" if answers else "")
    (home / "accounts").write_text(account + "\n")
    (home / "contacts").touch()
    _camera(home / "camera.mp4", colour, width, height)
    _tone(home / "tone.wav", tone)
    with (home / "out").open("wb") as out:
        process = subprocess.Popen([program, "-f", home], cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    peer = Baresip(home, sip_port, control)
    try:
        await peer.connect()
        try:
            yield peer
            await peer.command("hangup")
            await peer.command("quit")
        finally:
            await peer.close()
    finally:
        with contextlib.suppress(AssertionError):  # one that is killed says no BYE, and stays in the room for a while
            await until(lambda: process.poll() is not None, "baresip's end", 5)
        process.kill()
        process.wait()
        shutil.rmtree(home)


def _camera(path: Path, colour: str, width: int, height: int) -> None:
    """Half a minute of the probe's picture as MPEG-4 (baresip 1.0 would pass H.264 through without coding it)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30, options={"qscale": "3"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for counter in range(900):
            picture = stamp.draw(stamp.COLOURS[colour], width, height, counter)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())


def _tone(path: Path, frequency: int) -> None:
    import wave

    samples = 0.2 * np.sin(2 * np.pi * frequency * np.arange(8000 * 60) / 8000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
