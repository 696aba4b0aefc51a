"""A foreign H.323 peer: a second Asterisk with chan_ooh323, whose ASN.1 and call control nobody here wrote.

It knows sound only. Whoever is connected with it hears himself: Echo().
"""

from __future__ import annotations

from tests.asterisk.running import free_ports
from tests.calls.second_asterisk import SecondAsterisk


class Ooh323(SecondAsterisk):
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
        self.address = ("127.0.0.1", free_ports(1)[0])
        super().__init__(("chan_ooh323",), rtp=34000 + self.address[1] % 500 * 10, own_logs=("ooh323",))
        files = {
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
faststart = {"yes" if fast_start else "no"}
h245tunneling = {"yes" if tunnelling else "no"}
logfile = {self.home}/log/ooh323

[gw]
type = friend
context = incoming
ip = {gateway[0]}
port = {gateway[1]}
disallow = all
allow = {codec}
dtmfmode = h245alphanumeric
faststart = {"yes" if fast_start else "no"}
h245tunneling = {"yes" if tunnelling else "no"}
""",
        }
        self.write(files)

    async def call(self, number: str) -> None:
        await self.console(f"channel originate OOH323/{number}@gw application Echo")
