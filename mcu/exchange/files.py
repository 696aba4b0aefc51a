"""A file in an answer, as the bus tells it."""

from __future__ import annotations

import base64
from typing import Any

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def told(name: str, octets: bytes) -> dict[str, Any]:
    """``name``: with its ending, a key of MIMETYPES, which says what it is."""
    form = name.rpartition(".")[2]
    return {"name": name, "mimetype": MIMETYPES[form], "content": base64.b64encode(octets).decode("ascii")}
