"""The terminal that a line of a file tells of, checked in the words of both languages."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from mcu.core.directory.accounts import PROTOCOLS, RESERVED_NAMES, Protocol, TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.presets import check_preset, presets
from mcu.core.names import clean_name, folded
from mcu.errors import BadRequest
from mcu.exchange.faults import Fault
from mcu.exchange.site_columns import TERMINAL_KEYS, Heading
from mcu.exchange.tables import Line

_PROTOCOLS: Mapping[str, Protocol] = {
    **{one: one for one in PROTOCOLS},
    "h.323": "h323",
    "trinh duyet": "browser",
    "dien thoai": "phone",
}
LONGEST_PASSWORD = 256  # characters, as over the bus; of more there is no room on a set-up sheet, nor in its code
PHONE = frozenset(word for word, protocol in _PROTOCOLS.items() if protocol == "phone")


def read_terminal(
    heading: Heading, line: Line, before: TerminalAccount | None, password: str, faults: list[Fault]
) -> TerminalAccount | None:
    """The account; None for a line without one, or with a fault in it. What the file has no column for stays as it was
    ``before``, and so does a password where the cell is empty. ``password``: for a new account that needs one and is
    given none; empty makes that a fault."""
    name = heading.cell(line, "terminal").lower()
    if not name:
        for key in TERMINAL_KEYS[1:]:
            if heading.cell(line, key):
                vi, en = "Có thông tin thiết bị mà thiếu tên thiết bị.", "The terminal that this is about has no name."
                faults.append(heading.fault(line, key, vi, en))
                break
        return None
    read = _Reader(heading, line, before, faults)
    account = read.account(name, password)
    return account if read.right else None


class _Reader:
    def __init__(self, heading: Heading, line: Line, before: TerminalAccount | None, faults: list[Fault]) -> None:
        self.heading, self.line, self.before, self.faults = heading, line, before, faults
        self.right = True

    def wrong(self, key: str, vi: str, en: str) -> None:
        self.right = False
        self.faults.append(self.heading.fault(self.line, key, vi, en))

    def text(self, key: str, before: str) -> str:
        return self.heading.cell(self.line, key) if self.heading.has(key) else before

    def account(self, name: str, password: str) -> TerminalAccount | None:
        before = self.before
        if not re.fullmatch(r"[a-z0-9_.]{1,32}", name) or name in RESERVED_NAMES:
            vi = "Tên thiết bị gồm 1 đến 32 ký tự a-z, 0-9, _ và dấu chấm, và không phải tên dành riêng."
            en = "A terminal's name is 1 to 32 of a-z, 0-9, _ and the dot, and none that is reserved."
            self.wrong("terminal", vi, en)
        protocol = self._protocol()
        number = "".join(self.text("number", before.alias if before else "").split())
        if number and not re.fullmatch(r"[0-9]{1,16}", number):
            self.wrong("number", "Số gọi gồm 1 đến 16 chữ số.", "A number is 1 to 16 digits.")
        address = self._address()
        written = self.heading.cell(self.line, "password")
        if len(written) > LONGEST_PASSWORD:
            vi, en = f"Dài quá {LONGEST_PASSWORD} ký tự.", f"This is longer than {LONGEST_PASSWORD} characters."
            self.wrong("password", vi, en)
        given = written or (before.password if before else "")
        if protocol in ("sip", "browser") and not given and not address:
            given = password
        preset, overrides = self._preset(protocol), self._overrides(protocol)
        self._way_in(protocol, number, address, given)
        if not self.right:
            return None
        unnamed = name if before is None or before.display else ""
        return TerminalAccount(
            name=name,
            password=given,
            address=address,
            display=clean_name(self.text("display", before.display if before else "")) or unnamed,
            protocol=protocol,
            alias=number,
            overrides=overrides,
            site=before.site if before else None,
            position=before.position if before else 0,
            preset=preset,
        )

    def _protocol(self) -> Protocol:
        text = self.text("protocol", self.before.protocol if self.before else "sip") or "sip"
        protocol = _PROTOCOLS.get(folded(text))
        if protocol is None:
            self.wrong("protocol", f"Giao thức là {', '.join(PROTOCOLS)}.", f"A protocol is {', '.join(PROTOCOLS)}.")
        elif self.before is not None and protocol != self.before.protocol:
            vi = f"Thiết bị đã có với giao thức {self.before.protocol}; hãy xoá rồi tạo lại."
            en = f"There is such a terminal that speaks {self.before.protocol}; delete it first."
            self.wrong("protocol", vi, en)
        return protocol or "sip"

    def _address(self) -> str:
        address = self.text("address", self.before.address if self.before else "")
        try:
            return str(ipaddress.ip_network(address, strict=False)) if address else ""
        except ValueError:
            self.wrong("address", "Không phải địa chỉ IP hay mạng.", "This is no IP address or network.")
            return ""

    def _way_in(self, protocol: Protocol, number: str, address: str, password: str) -> None:
        if not self.right:
            return
        if protocol in ("sip", "browser") and bool(password) == bool(address):
            vi, en = "Cần mật khẩu hoặc địa chỉ, không phải cả hai.", "It needs a password or an address, and not both."
            self.wrong("password" if self.heading.has("password") else "terminal", vi, en)
        elif protocol == "h323" and not (password or address or number):
            vi, en = "Cần số gọi, mật khẩu hoặc địa chỉ.", "It needs a number, a password or an address."
            self.wrong("terminal", vi, en)
        elif protocol == "phone" and (not number or password or address):
            vi, en = "Điện thoại chỉ có số gọi.", "A phone has a number, and nothing else."
            self.wrong("number" if self.heading.has("number") else "terminal", vi, en)

    def _preset(self, protocol: Protocol) -> str:
        text = self.text("preset", self.before.preset if self.before else "")
        name = next((p.name for p in presets().values() if folded(text) in (folded(p.name), folded(p.title))), text)
        if name == (self.before.preset if self.before else ""):
            return name  # it may be one of another version
        try:
            check_preset(name, protocol)
        except BadRequest as fault:
            there = [preset.name for preset in presets().values() if protocol in preset.protocols]
            vi = f"Không có loại máy đó cho {protocol}. Có: {', '.join(there) or '(không có)'}."
            self.wrong("preset", vi, f"{fault}.")
        return name

    def _overrides(self, protocol: Protocol) -> Overrides:
        if not self.heading.has("overrides"):
            return self.before.overrides if self.before else Overrides()
        table = {}
        for part in filter(str.strip, re.split(r"[;,\n]", self.heading.cell(self.line, "overrides"))):
            key, _, value = part.partition("=")
            table[key.strip()] = value.strip()
            self._check_override(key.strip(), value.strip(), protocol)
        return Overrides.parse(table) if self.right else Overrides()

    def _check_override(self, key: str, value: str, protocol: Protocol) -> None:
        try:
            Overrides.parse({key: value}).check(protocol)
        except BadRequest as fault:
            try:
                accepted = Overrides.accepted(key, protocol)
            except KeyError:
                vi = f'Không có tuỳ chỉnh "{key[:40]}"; viết như "picture=cif".'
            else:
                not_for = f"Thiết bị {protocol} không có tuỳ chỉnh {key}."
                vi = f"Tuỳ chỉnh {key} nhận: {accepted}." if accepted else not_for
            self.wrong("overrides", vi, f"{fault}.")


def write_overrides(overrides: Overrides) -> str:
    """As the cell is read."""
    return "; ".join(f"{key}={str(value).lower()}" for key, value in overrides.stated().items())
