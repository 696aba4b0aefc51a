"""What all tests share: the project's root on the path, and the running product.

``mcu`` is one product for the whole session; ``own_mcu`` is started for one test, which may kill what it likes.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

# Nothing here is timed: a loaded machine is no failure. Continuous integration draws the same examples each time.
hypothesis.settings.register_profile(
    "mcu",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
    database=None if os.environ.get("CI") else hypothesis.settings().database,
)
hypothesis.settings.load_profile("mcu")

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from tests.installed import Installations
    from tests.postgresql import Cluster
    from tests.product import Mcu

Install = Callable[[Path], str]
_SHORT = 600  # characters of a failure's message


@pytest.fixture(scope="module", autouse=True)
def _few_to_look_through() -> None:
    """Half a million objects of modules, tests and reports last to the end: a look through them all for garbage would
    stop every thread for a quarter of a second, the one that speaks for the probes too."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def mcu() -> Iterator[Mcu]:
    yield from _running()


@pytest.fixture
def own_mcu() -> Iterator[Mcu]:
    yield from _running()


def _running() -> Iterator[Mcu]:
    from tests.product import Mcu

    product = Mcu()
    try:
        product.start()
        yield product
    finally:
        product.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    from tests.postgresql import Cluster

    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Whoever asks for it, for ``database_url`` or for ``install`` runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> Iterator[str]:
    """Of an empty database, as the setting ``database`` takes it; empty for the default in the home."""
    if database_kind == "sqlite":
        yield ""
        return
    cluster = request.getfixturevalue("postgresql")
    url = cluster.create()
    yield url
    cluster.drop(url)


@pytest.fixture(scope="session")
def installations(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installations:
    from tests.installed import Installations

    return Installations(tmp_path_factory.mktemp("installed"), lambda: request.getfixturevalue("postgresql"))


@pytest.fixture
def install(installations: Installations, database_kind: str) -> Iterator[Install]:
    """Make the database of a new installation, in the home where it is SQLite's; the administrator's password is "right
    horse". What is returned is its URL, for the setting ``database``."""
    with ExitStack() as stack:
        yield lambda home: stack.enter_context(installations.at(home, database_kind))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for product in _running_products():
        product.mark_logs()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows the product's logs, from the test's begin on. ``TEST_LOGS`` names a folder that gets them
    whole."""
    outcome: Any = yield
    report = outcome.get_result()
    if not report.failed:
        return
    kept = os.environ.get("TEST_LOGS")
    for number, product in enumerate(_running_products()):
        report.sections.append(("logs of the MCU", product.logs()))
        if kept:
            folder = Path(kept) / f"{item.name.replace('/', '_')}-{report.when}-{os.getpid()}-{number}"
            product.keep_logs(folder)
            (folder / "failure.txt").write_text(report.longreprtext)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Ahead of the logs and tracebacks, which are long: what failed and why, a first attempt too (``--reruns``)."""
    reports = [report for kind in ("failed", "error", "rerun") for report in terminalreporter.getreports(kind)]
    if reports:
        terminalreporter.section("what failed, in short")
    for report in reports:
        crash = getattr(report.longrepr, "reprcrash", None)
        why = f"{crash.path}:{crash.lineno}: {crash.message}" if crash else str(report.longrepr)
        terminalreporter.line(f"{report.outcome} {report.nodeid} ({report.when})\n  {why[:_SHORT]}")
    return (yield)


def _running_products() -> list[Mcu]:
    """None as long as no test has needed one."""
    product = sys.modules.get("tests.product")
    return list(product.running) if product is not None else []
