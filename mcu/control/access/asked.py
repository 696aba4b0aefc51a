"""A call that somebody asked for, and what the audit keeps of what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from mcu.control.access import trail
from mcu.control.records.past import is_ident
from mcu.control.records.record import Record
from mcu.core.permissions import Rule
from mcu.core.roles import Actor
from mcu.errors import McuError
from mcu.models import audit


@dataclass(slots=True)
class Asked:
    """``rule``: the call's line in ``core.permissions``, None where it has none. ``room``, and ``branch``, which is
    whose that is: what it is about, as far as that is known yet."""

    by: Actor
    method: str
    args: dict[str, Any]
    rule: Rule | None
    room: str = ""
    branch: int | None = None

    @contextmanager
    def kept(self, record: Record, done: str = "") -> Iterator[None]:
        """Around what is done for it: how that ended is in the audit then, with ``done`` of what succeeded; nothing of
        that if it is empty."""
        result = "cancelled"
        try:
            yield
            result = done
        except Exception as fault:
            result = fault.error_id if isinstance(fault, McuError) else McuError.error_id
            raise
        finally:
            if result and (self.rule is None or self.rule.changes):
                record.soon("audit", self._step(result))

    def _step(self, result: str) -> partial[None]:
        columns = trail.row(self.by, self.method, self.args, self.room, result, self.branch)
        about = self.args.get(self.rule.key) if self.rule and self.rule.about == "conference" else ""
        return partial(audit.add, columns=columns, conference=about if is_ident(about) else "")
