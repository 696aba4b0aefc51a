from __future__ import annotations

import stat
from pathlib import Path

import pytest
from mcu.web.security import secret_key

from mcu.errors import ConfigError


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    path = tmp_path / "home" / "web-secret-key"
    key = secret_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(path) == key
    assert [file.name for file in path.parent.iterdir()] == ["web-secret-key"]


def test_a_key_that_others_could_read_is_closed(tmp_path: Path):
    path = tmp_path / "web-secret-key"
    key = secret_key(path)
    path.chmod(0o644)
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_installations_have_two_keys(tmp_path: Path):
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_a_key_that_is_no_key_is_an_error(tmp_path: Path):
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(ConfigError, match="too short"):
        secret_key(tmp_path / "short")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="can't be kept"):
        secret_key(tmp_path / "folder")
