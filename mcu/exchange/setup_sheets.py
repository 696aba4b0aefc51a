"""What stands on a wall beside a terminal: one page a site with all that has to be keyed into it, and a code to be read
by a telephone's camera. The pages hold passwords."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape  # reportlab takes paragraphs for a kind of HTML

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.presets import presets
from mcu.core.languages import Language
from mcu.exchange import fonts
from mcu.exchange.words import word

if TYPE_CHECKING:
    from reportlab.platypus import Flowable


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How terminals reach the MCU. ``room``: a number to try, or empty."""

    address: str
    sip_port: int = 5060
    h225_port: int = 1720
    ras_port: int = 1719
    room: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``path``: the sites above it, the topmost first."""

    site: str
    path: tuple[str, ...]
    code: str
    accounts: tuple[TerminalAccount, ...]


def setup_sheets(
    sheets: Sequence[Sheet],
    server: Server,
    day: date,
    language: Language,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """A PDF, A4. ``progress`` is told how many pages of how many are done, from this thread. Raises Unavailable without
    a font."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate

    from mcu.exchange.drawn import Drawn

    fonts.register()
    made = io.BytesIO()
    margin = 18 * mm
    document = BaseDocTemplate(
        made,
        pagesize=A4,
        title=word("sheets", language),
        author="MCU",
        lang=language,
        leftMargin=margin,
        rightMargin=margin,
    )
    frame = Frame(margin, margin, A4[0] - 2 * margin, A4[1] - 2 * margin, 0, 0, 0, 0)

    def foot(canvas: Any, _: Any) -> None:
        canvas.setFont(fonts.REGULAR, 8)
        canvas.drawString(margin, 11 * mm, word("sheet_foot", language, day=f"{day:%d/%m/%Y}"))

    document.addPageTemplates(PageTemplate(frames=[frame], onPage=foot))
    story: list[Flowable] = []
    for done, sheet in enumerate(sheets, start=1):
        drawn = Drawn(partial(progress, done, len(sheets)))
        story += [*_page(sheet, server, language), drawn, *([PageBreak()] if done < len(sheets) else [])]
    document.build(story or _page(Sheet(site="", path=(), code="", accounts=()), server, language))
    return made.getvalue()


def _page(sheet: Sheet, server: Server, language: Language) -> list[Flowable]:
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    small, title, body = _styles()
    code = f"   {word('sheet_code', language, code=sheet.code)}" if sheet.code else ""
    head: list[Flowable] = [
        Paragraph(word("sheet", language), small),
        Paragraph(escape(sheet.site), title),
        Paragraph(escape(" › ".join(sheet.path) + code), small),
        Spacer(1, 10),
    ]
    if not sheet.accounts:
        head.append(Paragraph(word("sheet_empty", language), body))
    boxes: list[Flowable] = [KeepTogether(_box(account, server, language, body)) for account in sheet.accounts]
    if server.room:
        boxes.append(Paragraph(word("sheet_try", language, room=escape(server.room)), body))
    return [*head, *boxes]


def _box(account: TerminalAccount, server: Server, language: Language, body: Any) -> list[Flowable]:
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Spacer, Table, TableStyle

    from mcu.exchange.drawn import Code

    lines = [[Paragraph(escape(name), body), _value(value)] for name, value in settings(account, server, language)]
    inner = Table(lines, colWidths=[42 * mm, 76 * mm], style=TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    preset = presets().get(account.preset)
    notes = [Paragraph(escape(f"{preset.title}: {preset.notes[language]}"), body)] if preset else []
    heading = Paragraph(f"<b>{escape(account.display or account.name)}</b> · {word(account.protocol, language)}", body)
    outer = Table(
        [[[heading, inner, *notes], Code(qr_text(account, server))]],
        colWidths=[124 * mm, 46 * mm],
        style=TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.8, colors.HexColor("#1f4e79")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 6),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
            ]
        ),
    )
    return [outer, Spacer(1, 10)]


def settings(account: TerminalAccount, server: Server, language: Language) -> list[tuple[str, str]]:
    """What is keyed in, and what it is called there."""

    def given(key: str, value: str) -> list[tuple[str, str]]:
        return [(word(key, language), value)] if value else []

    if account.protocol == "phone":
        return given("called_number", account.alias)
    if account.protocol == "h323":
        return [
            ("Gatekeeper", f"{server.address} (UDP {server.ras_port})"),
            ("H.323-ID", account.name),
            *given("e164", account.alias),
            *given("h235_password", account.password),
            *given("terminal_address", account.network),
            *given("no_gatekeeper", f"{server.address} (TCP {server.h225_port})"),
        ]
    known = [*given("login", account.name), *given("password", account.password)]
    fixed = [*given("terminal_address", account.network), *given("registration", word("by_address", language))]
    return [
        *given("registrar", f"{server.address} : {server.sip_port}"),
        *given("transport", word("udp_or_tcp", language)),
        *(known if account.password else fixed),
        *given("display", account.display or account.name),
        *given("address", account.alias),
    ]


def qr_text(account: TerminalAccount, server: Server) -> str:
    """A SIP URI (RFC 3261 19.1.1) or an H.323 URL (RFC 3508), then the same settings in words that need no accents."""
    host = f"[{server.address}]" if ":" in server.address else server.address
    if account.protocol == "phone":
        return f"tel:{account.alias}"
    if account.protocol == "h323":
        parts = [f"h323:{account.name}@{host}:{server.h225_port}", f"gatekeeper={host}:{server.ras_port}"]
    else:
        parts = [f"sip:{account.name}@{host}:{server.sip_port}", f"username={account.name}"]
    parts += [f"password={account.password}"] if account.password else []
    parts += [f"number={account.alias}"] if account.alias else []
    return "\n".join([*parts, f"display={account.display or account.name}"])


def _value(text: str) -> Flowable:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = fonts.for_text(fonts.MONO, text)
    return Paragraph(escape(text), ParagraphStyle("value", fontName=font, fontSize=11, leading=14, wordWrap="CJK"))


def _styles() -> tuple[Any, Any, Any]:
    from reportlab.lib.styles import ParagraphStyle

    body = ParagraphStyle("body", fontName=fonts.REGULAR, fontSize=10, leading=14)
    return (
        ParagraphStyle("small", parent=body, fontSize=9, leading=12),
        ParagraphStyle("title", parent=body, fontName=fonts.BOLD, fontSize=20, leading=27),
        body,
    )
