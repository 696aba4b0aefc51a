"""The telephone network: a second Asterisk, with which the MCU registers and over which telephones call and are called.

A telephone that answers is Echo(): whoever speaks in the room hears it come back.
"""

from __future__ import annotations

from tests.asterisk.running import free_ports
from tests.calls.second_asterisk import SecondAsterisk

ADDRESS = "127.0.0.50"  # of its own: by it the MCU knows the trunk
OTHER_ADDRESS = "127.0.0.51"  # of another server of the network's, which the MCU's settings do not name
NUMBER = "02363123456"  # the MCU's
USER, PASSWORD = "mcu.line", "p@ss=word,1"
ANSWERS, BUSY, MISSING = "0912345678", "0912345679", "0900000000"
_MODULES = (
    "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "res_pjsip_sdp_rtp", "chan_pjsip", "res_pjsip_registrar",
    "res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_user", "res_pjsip_caller_id", "res_pjsip_nat",
    "res_pjsip_dtmf_info", "res_sorcery_astdb", "func_callerid", "func_global", "app_dial", "app_senddtmf",
)  # fmt: skip

_EXTENSIONS = f"""[from-mcu]
exten => {ANSWERS},1,Set(GLOBAL(CALLER)=${{CALLERID(num)}})
 same => n,Answer()
 same => n,Echo()
exten => {BUSY},1,Busy()

[to-mcu]
exten => _[+0-9].,1,Set(CALLERID(num)=${{EXTEN}})
 same => n,Dial(PJSIP/{USER},30,D(${{KEYS}}))

[to-mcu-otherwise]
exten => _[+0-9].,1,Set(CALLERID(num)=${{EXTEN}})
 same => n,Dial(PJSIP/other-server,30,D(${{KEYS}}))
"""


class Carrier(SecondAsterisk):
    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        super().__init__(_MODULES, rtp=35000 + self.port % 500 * 10)
        self.write({"pjsip.conf": self._accounts(PASSWORD), "extensions.conf": _EXTENSIONS})

    def _accounts(self, password: str) -> str:
        return f"""[udp]
type = transport
protocol = udp
bind = {ADDRESS}:{self.port}

[udp-other]
type = transport
protocol = udp
bind = {OTHER_ADDRESS}:{self.port}

[other-server]
type = endpoint
context = from-mcu
transport = udp-other
aors = {USER}
disallow = all
allow = alaw
direct_media = no

[{USER}]
type = endpoint
context = from-mcu
identify_by = username
auth = {USER}
aors = {USER}
disallow = all
allow = alaw
dtmf_mode = rfc4733
direct_media = no

[{USER}]
type = auth
auth_type = userpass
username = {USER}
password = {password}

[{USER}]
type = aor
max_contacts = 1
remove_existing = yes
"""

    @property
    def address(self) -> str:
        return f"{ADDRESS}:{self.port}"

    async def call(self, caller: str, keys: str, *, other_server: bool = False) -> None:
        """A telephone of that number calls the MCU's, and presses ``keys`` when it is spoken to; w: half a second."""
        context = "to-mcu-otherwise" if other_server else "to-mcu"
        await self.console(f"dialplan set global KEYS {keys}")
        await self.console(f"channel originate Local/{caller}@{context} application Echo")

    async def account(self, password: str) -> None:
        """The MCU's account has this password from now on."""
        self.write({"pjsip.conf": self._accounts(password)})
        await self.console("module reload res_pjsip.so")

    async def caller(self) -> str:
        """Who has called the telephone that answers."""
        told = await self.console("dialplan show globals")
        return next((line.partition("=")[2] for line in told.split() if line.startswith("CALLER=")), "")

    async def registered(self) -> bool:
        return USER in await self.console("pjsip show contacts")
