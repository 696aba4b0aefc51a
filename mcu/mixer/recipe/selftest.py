"""A call from one account to another inside one PJSIP: run on the fresh build before anybody gets to see it.

Its own process, because a library that is wrong may well crash.
"""

from __future__ import annotations

import sys
import time

import pjsua2 as pj

LIMIT = 10.0  # seconds


class Leg(pj.Call):  # type: ignore[misc]
    state = pj.PJSIP_INV_STATE_NULL

    def onCallState(self, prm: object) -> None:
        self.state = self.getInfo().state


class Site(pj.Account):  # type: ignore[misc]
    leg: Leg | None = None

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        self.leg = Leg(self, prm.callId)
        answer = pj.CallOpParam(True)
        answer.statusCode = pj.PJSIP_SC_OK
        self.leg.answer(answer)


def main() -> int:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.consoleLevel = config.logConfig.level = 3
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = transport.publicAddress = "127.0.0.1"
    made = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    address = endpoint.transportGetInfo(made).localAddress

    account = pj.AccountConfig()
    account.idUri = f"sip:site@{address}"
    account.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    site = Site()
    site.create(account)
    caller = Leg(site)
    offer = pj.CallOpParam(True)
    offer.opt.videoCount = offer.opt.textCount = 0  # the stock library codes no pictures
    caller.makeCall(f"sip:other@{address}", offer)

    until = time.monotonic() + LIMIT
    connected = pj.PJSIP_INV_STATE_CONFIRMED
    while time.monotonic() < until and not (caller.state == connected and site.leg and site.leg.state == connected):
        endpoint.libHandleEvents(20)
    met = bool(caller.state == connected and site.leg and site.leg.state == connected)
    endpoint.hangupAllCalls()
    while time.monotonic() < until and caller.state != pj.PJSIP_INV_STATE_DISCONNECTED:
        endpoint.libHandleEvents(20)
    del caller
    site.leg = None
    site.shutdown()
    endpoint.libDestroy()
    print("the call was connected" if met else f"the call was not connected within {LIMIT:.0f} s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
