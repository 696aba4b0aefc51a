from __future__ import annotations

from collections.abc import Iterator

import pytest

from mcu.mixer._native import Engine
from tests.mixer.engine.pictures import running


@pytest.fixture
def engine() -> Iterator[Engine]:
    with running() as engine:
        yield engine
