"""What the dialplan as Asterisk reads it can and cannot do, without Asterisk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mcu.asterisk.render import DIALPLAN

INBOUND = ("mcu-terminal", "mcu-known", "mcu-guest", "mcu-h323")
# Applications that the dialplan may use at all. None of them can call anybody, write a file or start a program. What
# spies is for control's own channels: no door leads there.
HARMLESS = {
    "AGI", "Answer", "BridgeWait", "ChanSpy", "ConfBridge", "Echo", "ExecIf", "Gosub", "Goto", "GotoIf", "Hangup",
    "Playback", "Progress", "Read", "Ringing", "Set", "Wait",
}  # fmt: skip


@dataclass
class Context:
    steps: list[tuple[str, str, str]] = field(default_factory=list)  # extension, application, arguments
    includes: list[str] = field(default_factory=list)


def parse(text: str) -> dict[str, Context]:
    contexts: dict[str, Context] = {}
    here = Context()
    extension = ""
    for raw in text.splitlines():
        line = raw.split(";")[0].strip()
        if not line:
            continue
        if header := re.fullmatch(r"\[([\w-]+)\]", line):
            assert header[1] not in contexts, f"{header[1]} stands there twice"
            here = contexts.setdefault(header[1], Context())
            continue
        key, _, value = (part.strip() for part in line.partition("=>"))
        if key == "include":
            here.includes.append(value)
            continue
        assert key in ("exten", "same"), line
        if key == "exten":
            extension, _, value = value.partition(",")
        call = re.fullmatch(r"(?:\d+|n)(?:\(\w+\))?,(\w+)\((.*)\)", value)
        assert call, f"no application: {line}"
        here.steps.append((extension, call[1], call[2]))
    return contexts


@pytest.fixture(scope="module")
def contexts() -> dict[str, Context]:
    files = sorted(Path(DIALPLAN).glob("*.conf"))
    assert files
    return parse("\n".join(file.read_text() for file in files))


def reachable(contexts: dict[str, Context], start: str) -> set[str]:
    """Every context that a call in ``start`` can come to, by include, Goto and Gosub."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        assert name in contexts, f"{name} does not exist"
        found.add(name)
        waiting += contexts[name].includes
        for _, application, arguments in contexts[name].steps:
            places = re.split(r"[?:]", arguments) if application == "GotoIf" else [arguments]
            if application in ("Goto", "Gosub", "GotoIf"):
                waiting += [place.split(",")[0] for place in places if place.count(",") >= 2]
    return found


@pytest.mark.parametrize("door", INBOUND)
def test_no_door_leads_out(contexts: dict[str, Context], door: str) -> None:
    assert reachable(contexts, door) == {door, "mcu-numbers", "mcu-entry", "mcu-room", "mcu-lobby"}


def test_nobody_is_listened_to_but_by_control(contexts: dict[str, Context]) -> None:
    spying = {name for name, context in contexts.items() if any(used == "ChanSpy" for _, used, _ in context.steps)}
    assert spying == {"mcu-whisper"}
    calls = [args for context in contexts.values() for _, used, args in context.steps if used == "ChanSpy"]
    assert calls == ["${MCU_TO},qWES"]  # W: it speaks, and nothing of the call is heard by anybody


def test_all_contexts_are_ours(contexts: dict[str, Context]) -> None:
    assert {name for name in contexts if not name.startswith("mcu-")} == set()


def test_only_harmless_applications_are_used(contexts: dict[str, Context]) -> None:
    used = {application for context in contexts.values() for _, application, _ in context.steps}
    inner = {
        found
        for context in contexts.values()
        for _, application, arguments in context.steps
        if application == "ExecIf"
        for found in re.findall(r"\?(\w+)\(", arguments)
    }
    assert used | inner == HARMLESS


def test_no_extension_of_a_door_has_a_wildcard(contexts: dict[str, Context]) -> None:
    patterns = {extension for extension, _, _ in contexts["mcu-numbers"].steps}
    assert patterns == {"s", *("_" + "X" * digits for digits in range(1, 17))}


def test_what_was_dialled_is_filtered_wherever_it_is_used(contexts: dict[str, Context]) -> None:
    for context in contexts.values():
        for _, _, arguments in context.steps:
            filtered = r"\$\{FILTER\([^,]+,\$\{(EXTEN|VIDEO_FMTP\(\)|PJSIP_HEADER\(read,[\w-]+\))\}\)\}"
            digest = r"\$\{MD5\((\$\{PJSIP_HEADER\(read,[\w-]+\)\} ?)+\)\}"
            rest = re.sub(f"{filtered}|{digest}", "", arguments)
            assert not re.search(r"\$\{(EXTEN|CALLERID|VIDEO_FMTP|PJSIP_HEADER)", rest), arguments


def test_only_the_gateway_says_whose_address_answers_for_a_call(contexts: dict[str, Context]) -> None:
    told = [args for context in contexts.values() for _, _, args in context.steps if "X-MCU-Source" in args]
    address = "${FILTER(0-9a-fA-F.:,${PJSIP_HEADER(read,X-MCU-Source)})}"
    assert told == [f'$["${{ARG1}}" = "h323"]?Set(MCU_SOURCE={address})']
    endpoints = (Path(DIALPLAN).parent / "asterisk-conf" / "pjsip.conf.j2").read_text().split("\n[")
    assert [part.partition("]")[0] for part in endpoints if "context = mcu-h323" in part] == ["h323"]
    steps = [args for _, _, args in contexts["mcu-entry"].steps]
    assert steps.index("MCU_SOURCE=") < steps.index(told[0]), "none of an earlier question's"


def test_jumps_go_to_places_that_exist(contexts: dict[str, Context]) -> None:
    text = "\n".join(file.read_text() for file in Path(DIALPLAN).glob("*.conf"))
    labels = set(re.findall(r"n\((\w+)\)", text))
    jumps = set(re.findall(r"GotoIf\(.*\?(\w+)\)", text)) | set(re.findall(r"Goto\((\w+)\)", text))
    assert jumps <= labels
    assert labels
