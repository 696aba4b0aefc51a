"""What is overridden for one terminal, as a real Asterisk has it after reading our file, and after reading it again."""

from __future__ import annotations

import re

from mcu.asterisk import render
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import Overrides
from tests.asterisk.conftest import Bench

_ODD = Overrides(audio_codec="pcma", video_codec="h263", dtmf="info", srtp="on")


async def test_asterisk_takes_them_over_without_ending_calls(own_bench: Bench) -> None:
    settings = own_bench.asterisk.settings
    plain = await shown(own_bench, "plain", TerminalAccount(name="plain", password="p"))
    assert "alaw" in plain["allow"]
    assert "ulaw" in plain["allow"]
    assert (plain["dtmf_mode"], plain["media_encryption"]) == ("auto_info", "no")
    odd = await shown(own_bench, "odd", TerminalAccount(name="odd", password="p", overrides=_ODD))
    assert odd["allow"] == "(alaw|h263)"
    assert (odd["dtmf_mode"], odd["media_encryption"]) == ("info", "sdes")
    fixed = TerminalAccount(name="hall", address="127.0.0.9", overrides=Overrides(dtmf="inband", srtp="off"))
    hall = await shown(own_bench, "k-hall", fixed)
    assert (hall["dtmf_mode"], hall["media_encryption"]) == ("inband", "no")
    assert hall["allow"] == plain["allow"]
    again = await shown(own_bench, "odd", TerminalAccount(name="odd", password="p"))
    assert again == plain
    render.render(settings, [])


async def shown(bench: Bench, endpoint: str, account: TerminalAccount) -> dict[str, str]:
    """An endpoint's settings, when this account is the only one."""
    render.render(bench.asterisk.settings, [account])
    await bench.switch.reload_endpoints()
    told = await bench.asterisk.console(f"pjsip show endpoint {endpoint}")
    settings = dict(re.findall(r"^ *(\w+) +: (.*?)\s*$", told, re.MULTILINE))
    return {key: settings[key] for key in ("allow", "dtmf_mode", "media_encryption")}
