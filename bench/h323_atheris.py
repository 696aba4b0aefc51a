"""Coverage-guided fuzzing of the PER codec with atheris, which is not among our packages: it gets a place of its own.

    python3 -m venv /tmp/atheris && /tmp/atheris/bin/pip install atheris pycrate==0.8.1
    mkdir -p /tmp/corpus && /tmp/atheris/bin/python -m bench.h323_atheris --seeds /tmp/corpus
    /tmp/atheris/bin/python -m bench.h323_atheris -max_total_time=300 -max_len=2048 /tmp/corpus

The first octet of an input chooses the kind of message. Whatever is neither a value nor Garbled, and any value that is
not read back as it was written, is a crash; more than two seconds on one input are one as well.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mcu.errors import Garbled

KINDS = ("h225", "h245", "olc", "ras")


def one(octets: bytes) -> None:
    from mcu.h323 import per

    if not octets:
        return
    kind = KINDS[octets[0] % len(KINDS)]
    try:
        value: Any = getattr(per, f"decode_{kind}")(octets[1:])
    except Garbled:
        return
    if not per.text(value).isascii():
        raise ValueError("the text is not ASCII")
    try:
        again = getattr(per, f"encode_{kind}")(value)
    except Garbled as reason:
        if "too large" not in str(reason):
            raise
        return
    if getattr(per, f"decode_{kind}")(again) != value:
        raise ValueError("read back differently")


def seeds(folder: Path) -> None:
    """Every captured message as an input to begin with."""
    from tests.h323 import vectors

    for number, vector in enumerate(vectors.distinct()):
        (folder / f"{number:03}").write_bytes(bytes([KINDS.index(vector.kind)]) + vector.octets)


def main() -> None:
    if sys.argv[1:2] == ["--seeds"]:
        seeds(Path(sys.argv[2]))
        return
    import atheris

    with atheris.instrument_imports(include=["mcu.h323.per"]):
        from mcu.h323 import per
    per.prepare()
    atheris.Setup([*sys.argv, "-timeout=2"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
