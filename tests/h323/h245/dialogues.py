"""The captured H.245 sessions, each as a dialogue between two sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.h323 import vectors


@dataclass
class Dialogue:
    """One session: messages in order, each with who sent it (an address and port)."""

    folder: str
    sides: tuple[str, str]
    messages: list[tuple[str, bytes]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.folder}-{self.sides[0]}"


def dialogues() -> Iterator[Dialogue]:
    """A pair of ports that comes back after EndSession carries another call."""
    found: dict[tuple[str, frozenset[str]], Dialogue] = {}
    for vector in vectors.everything():
        if vector.kind != "h245":
            continue
        sender, receiver = vector.way.split(">")
        key = (vector.folder, frozenset((sender, receiver)))
        dialogue = found.setdefault(key, Dialogue(vector.folder, (sender, receiver)))
        dialogue.messages.append((sender, vector.octets))
    yield from found.values()
