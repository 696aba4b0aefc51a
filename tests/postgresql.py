"""A PostgreSQL of the tests' own: one cluster for the session, on a Unix socket in a folder that goes with it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

OTHER_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
# Nobody needs these data after a power cut. Zone and language are as in Việt Nam, where texts have
# another order than in C; all the rest is as PostgreSQL's own defaults have it.
_SETTINGS = (
    "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60",
    "timezone=Asia/Ho_Chi_Minh",
)  # fmt: skip
_TEXTS = ("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi-VN")
_OWNER = "bridge"  # of the databases: no superuser, as it should be


class Cluster:
    """Runs from ``start`` to ``stop``, and dies with the tests if they are killed."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mcu-pg-", dir="/tmp"))  # a socket's path is 107 octets at most
        self._server: subprocess.Popen[bytes] | None = None
        self._names = itertools.count(1)

    def start(self) -> None:
        """Raises RuntimeError that names what is missing."""
        as_whom = ["setpriv", "--pdeathsig", "QUIT"]
        if os.geteuid() == 0:
            user = next(found for name in OTHER_USERS if (found := _user(name)))
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            as_whom += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data = self._folder / "data"
        made = subprocess.run(
            [*as_whom, program("initdb"), "-D", data, "-U", "postgres", *_TEXTS, "--auth=trust", "--no-sync"],
            cwd="/",
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout}{made.stderr}")
        settings = [f"--{setting}" for setting in (*_SETTINGS, f"unix_socket_directories={self._folder}")]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [*as_whom, program("postgres"), "-D", data, *settings], cwd="/", stdout=log, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + 120
        while True:
            try:
                with psycopg.connect(self.address("postgres")) as connection:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(_OWNER)))
                return
            except psycopg.OperationalError as fault:
                if self._server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"PostgreSQL: {fault}\n{(self._folder / 'log').read_text()}") from None
                time.sleep(0.05)  # nothing announces it

    def stop(self) -> None:
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)  # at once, without tidying: it is thrown away
            self._server.wait(timeout=60)
        shutil.rmtree(self._folder)

    def create(self, template: str = "") -> str:
        """The SQLAlchemy URL of a new database, empty or a copy of the one that has the URL ``template``."""
        name = f"test{next(self._names)}"
        copied = database_name(template) or "template0"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
            connection.execute(statement.format(*map(sql.Identifier, (name, _OWNER, copied))))
        return f"postgresql://{_OWNER}@/{name}?host={self._folder}"

    def drop(self, url: str) -> None:
        name = database_name(url)
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def send_away(self, url: str) -> None:
        """Ends all connections to that database."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            ends = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(ends, [database_name(url)]).fetchall()

    def address(self, database: str) -> str:
        """As psycopg takes it, for the superuser."""
        return f"host={self._folder} user=postgres dbname={database}"


def database_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def program(name: str) -> str:
    """Of the newest version that there is: Debian has them beside each other, none on the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which(name, path=os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")]))
    if found is None:
        raise RuntimeError(f"{name} is missing: install the Debian package postgresql (mcu/setup/packages.txt)")
    return found


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
