"""The recipes of Asterisk, of our module and of PJSIP, as far as they go without compiling."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcu.asterisk.recipe import build as asterisk
from mcu.asterisk.recipe import distribution, module
from mcu.errors import SetupError
from mcu.mixer.recipe import build as pjsip
from mcu.setup.context import Context

TREE = """
<category name="MENUSELECT_APPS">
<member name="app_dial" x="y"><member name="app_read"><member name="app_jack">
</category>
<category name="MENUSELECT_CFLAGS"><member name="OPTIONAL_API"><member name="BUILD_NATIVE"></category>
"""
OPTIONS = """
MENUSELECT_APPS=app_read
MENUSELECT_CFLAGS=OPTIONAL_API
MENUSELECT_BUILD_DEPS=app_dial
MENUSELECT_DEPSFAILED=MENUSELECT_APPS=app_jack
"""


def keep() -> list[str]:
    return asterisk.keep_list((asterisk.HERE / "modules.txt").read_text())


def test_nothing_that_reaches_a_shell_is_built() -> None:
    assert not {"app_system", "func_shell", "func_env", "pbx_spool", "res_cliexec"}.intersection(keep())


def test_what_the_mcu_needs_is_built() -> None:
    assert {
        "app_confbridge", "app_bridgewait", "bridge_holding", "bridge_softmix", "chan_pjsip", "res_pjsip_nat",
        "res_srtp", "res_agi", "res_pjsip_transport_websocket", "codec_opus_open_source", "codec_resample",
        "res_timing_timerfd", "func_periodic_hook", "chan_ooh323",
    } <= set(keep())  # fmt: skip
    assert len(keep()) == len(set(keep()))


def test_what_menuselect_refused_is_noticed() -> None:
    assert asterisk.not_selected(["app_dial", "OPTIONAL_API"], TREE, OPTIONS) == []
    assert asterisk.not_selected(["app_read", "app_jack", "app_nosuch", "app_dial"], TREE, OPTIONS) == [
        "app_read", "app_jack", "app_nosuch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "release"),
    [
        ("Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5", (20, 6, 0)),
        ("Asterisk 22.10.1", (22, 10, 1)),
        ("Asterisk certified/20.7-cert2", (20, 7)),
        ("", ()),
        ("command not found", ()),
    ],
)
def test_the_distribution_says_its_release(said: str, release: tuple[int, ...]) -> None:
    assert distribution.release(said) == release


def test_an_unfit_distribution_is_refused_with_every_reason(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(distribution, "installed", lambda: "Asterisk 18.1.0")
    monkeypatch.setattr(distribution, "HEADER", tmp_path / "asterisk.h")
    monkeypatch.setattr(distribution, "modules", lambda: None)
    with pytest.raises(SetupError) as caught:
        distribution.adopt(context, "chosen")
    for reason in ("version 18, 20 is needed", "asterisk-dev", "app_confbridge.so is missing"):
        assert reason in str(caught.value)


def test_a_fit_distribution_looks_like_our_own_build(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system = tmp_path / "usr"
    for name in ("include/asterisk.h", "sbin/asterisk", *(f"modules/{name}" for name in distribution.NEEDED)):
        (system / name).parent.mkdir(parents=True, exist_ok=True)
        (system / name).touch()
    monkeypatch.setattr(distribution, "installed", lambda: "Asterisk 20.6.0~dfsg")
    monkeypatch.setattr(distribution, "HEADER", system / "include/asterisk.h")
    monkeypatch.setattr(distribution, "BINARY", system / "sbin/asterisk")
    monkeypatch.setattr(distribution, "modules", lambda: system / "modules")
    monkeypatch.setenv("MCU_ASTERISK", "distribution")
    assert asterisk.prefix(context) is None
    prefix = asterisk.make(context)
    assert asterisk.prefix(context) == prefix
    monkeypatch.delenv("MCU_ASTERISK")
    assert asterisk.prefix(context) is None, "a choice that was taken back"
    assert (prefix / "include/asterisk.h").exists()
    assert (prefix / "lib/asterisk/modules/app_confbridge.so").exists()
    assert (prefix / "sbin/asterisk").exists()


def test_a_changed_module_source_or_another_asterisk_means_another_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "SOURCES", tmp_path)
    keys = {module.key(Path("/cache/asterisk-22-a"))}
    (tmp_path / "router.h").write_text("#define A 1")
    keys.add(module.key(Path("/cache/asterisk-22-a")))
    keys.add(module.key(Path("/cache/asterisk-22-b")))
    monkeypatch.setattr(module, "FORMATS_SOURCES", tmp_path)
    keys.add(module.key(Path("/cache/asterisk-22-b")))
    assert len(keys) == 4


def test_without_module_sources_the_error_says_so(
    context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "SOURCES", tmp_path)
    with pytest.raises(SetupError, match=r"holds no \.c file"):
        module.make(context, tmp_path)


def test_a_new_patch_means_another_pjsip(context: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("build.py", "selftest.py", "config_site.h"):
        (tmp_path / name).touch()
    monkeypatch.setattr(pjsip, "HERE", tmp_path)
    before = pjsip.key(context)
    (tmp_path / "patches").mkdir()
    for name in ("02-b.patch", "01-a.patch", "notes.txt"):
        (tmp_path / "patches" / name).touch()
    assert [patch.name for patch in pjsip.patches()] == ["01-a.patch", "02-b.patch"]
    assert pjsip.key(context) != before


def test_limits_of_pjsip_fit_the_calls_we_want() -> None:
    text = (pjsip.HERE / "config_site.h").read_text()
    limits = dict(line.split()[1:3] for line in text.splitlines() if line.startswith("#define"))
    calls = int(limits["PJSUA_MAX_CALLS"])
    assert calls >= 600
    assert int(limits["PJ_IOQUEUE_MAX_HANDLES"]) >= 4 * calls  # RTP and RTCP of sound and picture
    assert int(limits["PJSUA_MAX_CONF_PORTS"]) >= 2 * calls
