"""A mixer of its own for each test that places calls; it has to be alive at the test's end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.mixer.rig import Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with Rig() as rig:
        yield rig
        assert rig.mixer.alive, rig.mixer.output()
        output = rig.mixer.output()
        assert "Traceback" not in output, output
