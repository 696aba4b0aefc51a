"""Files of sites over REST: CSV and XLSX go in by the same field, and come out as files."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.web.whole.program import Program

CSV = "Thuộc;Điểm cầu;Mã;Thiết bị;Số gọi;Mật khẩu\nTỉnh Đắk Lắk;Xã Ea Kao;24121;kao;2001;k7mwq2zx\n"


def as_text(octets: bytes, form: str) -> str:
    return base64.b64encode(octets).decode() if form == "xlsx" else octets.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_exported_is_imported_and_rolled_out(admin: Program, form: str) -> None:
    first = admin.send("POST", "/sites/import", {"text": CSV}).json
    assert (first["faults"], first["added"]) == ([], 3)
    sheet = admin.get(f"/sites/export?format={form}").data
    body = {"text": as_text(sheet, form), "format": form}
    again = admin.send("POST", "/sites/import", {**body, "dry_run": True}).json
    assert (again["faults"], again["added"], again["unchanged"]) == ([], 0, 3)
    rolled_out = admin.send("POST", "/sites/rollout", {**body, "server": "203.0.113.10"})
    assert (rolled_out.status_code, rolled_out.json["faults"]) == (200, [])
    assert base64.b64decode(rolled_out.json["sheets"][0]["content"]).startswith(b"%PDF")


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": None}, {"content": "eA=="}, {"text": "x", "format": "pdf"}]
)
@pytest.mark.parametrize("path", ["/sites/import", "/sites/rollout"])
def test_without_a_file_nothing_begins(admin: Program, problem: Any, path: str, body: Any) -> None:
    assert problem(admin.send("POST", path, body), 400, "bad_request")["errors"]
