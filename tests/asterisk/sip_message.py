"""A SIP client of a few lines, for requests that no proper SIP program would send."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid

from tests.patience import Patience

_T1 = 0.5  # s
_SDP = "v=0\r\no=t 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class RawSip(asyncio.DatagramProtocol):
    """Sends requests to one port of loopback; ``statuses`` are the final responses, and the 1xx left out."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._server = ("127.0.0.1", port)
        self._address = address
        self.answers: dict[str, list[int]] = {}
        self._challenges: dict[str, str] = {}  # of a 401, by Call-ID
        self._sent: dict[str, bytes] = {}  # the last request of each Call-ID

    async def __aenter__(self) -> RawSip:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self._address, 0))
        self._port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        lines = data.decode("utf-8", "replace").split("\r\n")
        if lines[0].startswith("SIP/2.0 "):
            call = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("call-id"))
            for line in lines:
                if line.lower().startswith("www-authenticate"):
                    self._challenges[call] = line
            self.answers.setdefault(call, []).append(int(lines[0].split()[1]))

    def send(
        self, method: str, user: str, *, caller: str = "<sip:probe@127.0.0.1>", call: str = "", headers: str = ""
    ) -> str:
        """Send a request; its Call-ID. A CANCEL takes the Call-ID of its INVITE."""
        body = _SDP if method == "INVITE" else ""
        call = call or uuid.uuid4().hex
        uri = f"sip:{user}@127.0.0.1:{self._server[1]}" if user else f"sip:127.0.0.1:{self._server[1]}"
        to = caller if method == "REGISTER" else f"<{uri}>"
        request = (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self._address}:{self._port};rport;branch=z9hG4bK{call}\r\n"
            f"From: {caller};tag=t{call}\r\nTo: {to}\r\nCall-ID: {call}\r\n"
            f"CSeq: 1 {method}\r\nContact: <sip:probe@{self._address}:{self._port}>\r\nMax-Forwards: 70\r\n"
            + headers
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._sent[call] = request.encode()
        self._transport.sendto(self._sent[call], self._server)
        return call

    async def authenticated(self, method: str, user: str, name: str, password: str) -> int:
        """The final status of a request that is challenged and sent again with an answer (RFC 2617 3.2.2, qop=auth)."""
        caller = f"<sip:{name}@127.0.0.1>"
        challenged = self.send(method, user, caller=caller)
        assert await self.final(challenged) == 401
        told = dict(re.findall(r'(\w+)="([^"]*)"', self._challenges[challenged]))
        uri = f"sip:{user}@127.0.0.1:{self._server[1]}" if user else f"sip:127.0.0.1:{self._server[1]}"
        count, client = "00000001", uuid.uuid4().hex
        middle = f"{told['nonce']}:{count}:{client}:auth"
        realm = told["realm"]
        secret, request = _md5(f"{name}:{realm}:{password}"), _md5(f"{method}:{uri}")
        answer = _md5(f"{secret}:{middle}:{request}")
        fields = {"username": name, "realm": realm, "nonce": told["nonce"], "uri": uri, "response": answer}
        fields |= {"cnonce": client, "opaque": told.get("opaque", "")}
        quoted = ", ".join(f'{key}="{value}"' for key, value in fields.items())
        header = f"Authorization: Digest {quoted}, algorithm=MD5, qop=auth, nc={count}\r\n"
        return await self.final(self.send(method, user, caller=caller, headers=header))

    async def final(self, call: str) -> int:
        """The first final status. As long as there is no answer at all the request is sent again (RFC 3261 17.1.1.2):
        of 200 at once a socket's buffer does not hold all that a crowded machine is late to read."""
        patience, again = Patience(15), _T1
        while not (found := [status for status in self.answers.get(call, []) if status >= 200]):
            assert not patience.over, f"{patience}: an answer; {self.answers.get(call)}"
            if call not in self.answers and patience.elapsed > again:
                again += 2 * _T1
                self._transport.sendto(self._sent[call], self._server)
            await asyncio.sleep(0.02)
        return found[0]
