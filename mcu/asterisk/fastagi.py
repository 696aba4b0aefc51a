"""The door: Asterisk's dialplan asks over FastAGI what is to become of a call, and gets its answer as variables.

Whoever connects may send anything, slowly, or nothing, or leave: each read has a time limit, a line and a count limit,
and the worst that happens is that this one connection is closed. The dialplan then asks again
(dialplan/mcu-entry.conf).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from mcu.asterisk import values
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Wait
from mcu.core.names import clean_name
from mcu.errors import BadRequest, McuError

READ_TIMEOUT = 2.0  # s for one line, and for the whole of the greeting
HANDLER_TIMEOUT = 5.0  # s; the caller hears nothing meanwhile
LONGEST_LINE = 2048  # octets; Asterisk's own AGI buffer
MOST_LINES = 128  # Asterisk sends 22 and one an argument
MOST_CONNECTIONS = 256

_FROM = re.compile(
    r"""(?:(?i:From)\s*:)?\s*
    (?: (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<token>[^<"]*?) ) \s* <(?P<bracketed>(?:sips?|tel):[^>]*)>
      | (?P<bare>(?:sips?|tel):[^\s;]*) )""",
    re.VERBOSE,
)
_SEPARATORS = re.compile(r"[-.()]")  # RFC 3966 3, visual-separator
_QUOTED_PAIR = re.compile(r"\\(.)")

Handler = Callable[[EntryRequest], Awaitable[EntryAnswer]]
Undelivered = Callable[[EntryRequest, EntryAnswer], None]

log = structlog.get_logger()


class EntryServer:
    """Listens for ``AGI(agi://host:port/entry/secret,door,endpoint,number,tries,pin,tries,video…)`` and answers what
    ``handler`` says.

    Whoever does not know the ``secret`` is not listened to: any user of this machine reaches a port on loopback. Port 0
    takes any free port; ``port`` is the real one after ``start``. A handler that raises or takes longer than
    HANDLER_TIMEOUT leaves the call without an answer. The dialplan asks again after such a failure, so a handler may be
    asked more than once for one ``uniqueid``. ``undelivered`` is told of an answer that a call did not get, as when it
    ended before: its channel may have no MCU_ID, so that nothing else would tell. It is not told where Asterisk is
    only slow and has set MCU_ID: that call lives, asks again, and its end will be heard of.
    """

    def __init__(
        self, host: str, port: int, handler: Handler, secret: str, undelivered: Undelivered | None = None
    ) -> None:
        self.host, self.port = host, port
        self._handler, self._undelivered = handler, undelivered
        self._secret = secret
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port, limit=LONGEST_LINE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST_CONNECTIONS:
            log.warning("agi.too_many", connections=len(self._open))
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(reader, writer, self._secret)
        try:
            request = await session.read_request()
            await session.set_variable("CALLERID(num)", values.harmless(request.caller_number))
            async with asyncio.timeout(HANDLER_TIMEOUT):
                answer = await self._handler(request)
            await self._deliver(session, request, answer)
        except TimeoutError:
            log.warning("agi.timed_out", waiting_for=session.waiting_for)
        except (BadRequest, EOFError, OSError) as fault:
            log.info("agi.given_up", reason=str(fault))
        except McuError as fault:
            log.error("agi.no_answer", reason=str(fault))
        except Exception:
            log.exception("agi.handler_failed")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _deliver(self, session: _Session, request: EntryRequest, answer: EntryAnswer) -> None:
        named = False
        try:
            for variable, value in variables(answer):
                await session.set_variable(variable, value)
                named = named or variable == "__MCU_ID"
        except (BadRequest, EOFError, OSError) as fault:
            lives = named and isinstance(fault, TimeoutError)
            if self._undelivered is not None and not lives:
                self._undelivered(request, answer)
            raise


def variables(answer: EntryAnswer) -> list[tuple[str, str]]:
    """The channel variables that tell the dialplan the answer; MCU_ACTION is the last, so that a half is no answer.

    Raises BadRequest when the answer holds what must not reach the dialplan.
    """
    language = ("CHANNEL(language)", values.language(answer.language))
    if isinstance(answer, Admit):
        return [
            language,
            # Two underscores: inherited by every channel that this one makes.
            ("__MCU_KIND", "terminal"),
            ("__MCU_ID", values.participant(answer.participant)),
            ("__MCU_ROOM", values.room(answer.room)),
            ("__MCU_NAME", clean_name(answer.name)),
            ("MCU_DEVICE", clean_name(answer.device)),
            ("MCU_PRESENTS", values.participant(answer.presents) if answer.presents else ""),
            ("MCU_VIEW", values.picture_key(answer.view) if answer.view else ""),
            ("MCU_MUTED", "yes" if answer.muted else "no"),
            ("MCU_BROUGHT", "yes" if answer.brought else "no"),
            ("MCU_ACTION", "join"),
        ]
    if isinstance(answer, Wait):
        return [
            language,
            ("__MCU_KIND", "terminal"),
            ("__MCU_ID", values.participant(answer.participant)),
            ("__MCU_ROOM", values.room(answer.room)),
            ("__MCU_NAME", clean_name(answer.name)),
            ("MCU_DEVICE", clean_name(answer.device)),
            ("MCU_PRESENTS", ""),
            ("MCU_VIEW", values.picture_key(answer.view) if answer.view else ""),
            ("MCU_PROMPT", values.prompt(answer.prompt)),
            ("MCU_ACTION", "wait"),
        ]
    if isinstance(answer, Ask):
        return [
            language,
            ("MCU_WANT", answer.want.upper()),
            ("MCU_PROMPT", "&".join(values.prompt(prompt) for prompt in answer.prompts)),
            ("MCU_ACTION", "ask"),
        ]
    return [
        language,
        ("MCU_PROMPT", values.prompt(answer.prompt) if answer.prompt else ""),
        ("MCU_CAUSE", str(values.cause(answer.cause))),
        ("MCU_ACTION", "refuse"),
    ]


class _Session:
    """The AGI protocol on one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: str) -> None:
        self._reader, self._writer = reader, writer
        self._script = f"entry/{secret}"
        self.waiting_for = "the greeting"

    async def read_request(self) -> EntryRequest:
        """Raises BadRequest for anything that is no AGI greeting of our dialplan's."""
        environment: dict[str, str] = {}
        async with asyncio.timeout(READ_TIMEOUT):
            for _ in range(MOST_LINES):
                line = await self._line()
                if not line:
                    break
                key, separator, value = line.partition(":")
                if not separator or not key.startswith("agi_"):
                    raise BadRequest(f"no AGI greeting: {line[:40]!r}")
                environment.setdefault(key, value.strip())
            else:
                raise BadRequest("an AGI greeting without an end")
        if not hmac.compare_digest(environment.get("agi_network_script", "").encode(), self._script.encode()):
            raise BadRequest("an AGI greeting without our secret")
        # Not the caller's number that Asterisk has: see modules.conf.
        header = await self._get_variable("PJSIP_HEADER(read,From)")
        name, number = parse_from(header)
        by_gateway = values.by_gateway(environment.get("agi_channel", ""))
        call_id = await self._get_variable("CHANNEL(pjsip,call-id)") if by_gateway else ""
        presents = await self._get_variable("PJSIP_HEADER(read,X-MCU-Presentation)") if by_gateway else ""
        device = await self._get_variable("PJSIP_HEADER(read,User-Agent)")
        if by_gateway:  # it tells its terminal's; its own would stand for all of them
            source = await self._get_variable("MCU_SOURCE")
        else:  # of strangers only
            stranger = environment.get("agi_arg_1") == "guest"
            source = host_of(await self._get_variable("CHANNEL(pjsip,remote_addr)")) if stranger else ""
        self.waiting_for = "the decision"
        request = _request(environment, name, number)
        return replace(request, call_id=call_id, presents=presents, device=device, source=source)

    async def set_variable(self, name: str, value: str) -> None:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        reply = await self._command(f'SET VARIABLE {name} "{quoted}"')
        if not reply.startswith("200 result=1"):
            raise BadRequest(f"SET VARIABLE {name} was answered {reply[:80]!r}")

    async def _get_variable(self, name: str) -> str:
        """A variable's or function's value, "" when it has none."""
        reply = await self._command(f"GET VARIABLE {name}")
        if not reply.startswith("200 result="):
            raise BadRequest(f"GET VARIABLE {name} was answered {reply[:80]!r}")
        return reply.removeprefix("200 result=1 (").removesuffix(")") if reply.startswith("200 result=1 (") else ""

    async def _command(self, command: str) -> str:
        self.waiting_for = f"the reply to {command[:60]}"
        self._writer.write(f"{command}\n".encode())
        async with asyncio.timeout(READ_TIMEOUT):
            await self._writer.drain()
            return await self._line()

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise BadRequest(f"an AGI line of more than {LONGEST_LINE} octets") from None
        return line[:-1].rstrip(b"\r").decode("utf-8", "replace")


def host_of(address: str) -> str:
    """The host of "192.0.2.1:5060" or "[2001:db8::1]:5060"; empty for anything else."""
    host = address.rpartition(":")[0]
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def parse_from(header: str) -> tuple[str, str]:
    """Display name and user of a From header (RFC 3261 20.20), fit to be shown; "" for what is absent or no SIP. Of a
    telephone (RFC 3966) its number."""
    found = _FROM.match(header)
    if not found:
        return "", ""
    quoted, token, address = found["quoted"], found["token"], found["bracketed"] or found["bare"]
    name = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else token or ""
    scheme, _, rest = address.partition(":")
    if scheme == "tel":
        return clean_name(name), clean_name(_SEPARATORS.sub("", rest.partition(";")[0]))
    user = rest.rpartition("@")[0].partition(";")[0].partition(":")[0]
    return clean_name(name), clean_name(urllib.parse.unquote(user))


def _request(environment: dict[str, str], caller_name: str, caller_number: str) -> EntryRequest:
    arguments = (environment.get(f"agi_arg_{n}", "") for n in range(1, 8))
    door, endpoint, number, number_tries, pin, pin_tries, video = arguments
    return EntryRequest(
        channel=environment.get("agi_channel", ""),
        uniqueid=environment.get("agi_uniqueid", ""),
        door=door,
        # Asterisk finds a terminal that registers by its SIP user name, so that is what its endpoint is called there.
        # H.323 terminals come over one endpoint, and the dialplan tells their own, "h-<name>".
        endpoint=f"t-{endpoint}" if door == "terminal" and not endpoint.startswith("h-") else endpoint,
        number=number,
        number_tries=_tries(number_tries),
        pin=pin,
        pin_tries=_tries(pin_tries),
        caller_name=caller_name,
        caller_number=caller_number,
        video=video,
    )


def _tries(text: str) -> int:
    """Raises BadRequest: the dialplan counts, and nobody else."""
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise BadRequest(f"{text[:40]!r} is no number of tries")
    return int(text)
