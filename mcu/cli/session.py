"""What every command shares: the settings, the link to the bridge, and how results are printed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from mcu import config
from mcu.cli import output
from mcu.cli.link import BusLink, Link
from mcu.cli.profile import Remote
from mcu.config import Settings

_PAGE = 1000  # as many items of a list as one answer may hold


class Session:
    """Made once a command; a batch of commands shares one. The link is opened at the first call.

    ``limit`` is the most seconds that any answer may take, whatever it is about.
    """

    def __init__(
        self,
        config_file: Path | None,
        as_json: bool,
        remote: Callable[[], Remote | None] = lambda: None,
        limit: float | None = None,
    ) -> None:
        self._config_file = config_file
        self._choose = remote
        self._limit = limit
        self.as_json = as_json
        self.in_batch = False  # nobody is there who could be asked

    @functools.cached_property
    def settings(self) -> Settings:
        return config.load(self._config_file)

    @functools.cached_property
    def remote(self) -> Remote | None:
        return self._choose()

    @functools.cached_property
    def link(self) -> Link:
        return self.new_link()

    def new_link(self) -> Link:
        """One more, for who listens while the other works."""
        if self.remote is None:
            return BusLink(self.settings.control_socket, self._limit)
        from mcu.cli.remote import RestLink  # httpx is slow to load, and seldom wanted

        return RestLink(self.remote, self._limit)

    def call(self, name: str, /, **args: Any) -> Any:
        """Ask the bridge, wherever it is; raises its McuError."""
        return self.link.call(name, **args)

    def each(self, name: str, /, most: int | None = None, **args: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, at most ``most``, page by page where it comes in pages."""
        after, left = None, most
        while left is None or left > 0:
            page = self.call(name, limit=min(_PAGE, left or _PAGE), **args, **({"after": after} if after else {}))
            if isinstance(page, list):
                yield from page[:most]
                return
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            after = page["next"]
            if after is None:
                return

    def close(self) -> None:
        if "link" in self.__dict__:
            self.link.close()
            del self.__dict__["link"]

    def show(self, value: Any, table: Callable[[], RenderableType]) -> None:
        """Print ``value`` as JSON, or what ``table`` builds for people."""
        if self.as_json:
            output.as_json(value)
        else:
            output.show(table())

    def done(self, value: Any, sentence: str) -> None:
        """Say that an act succeeded."""
        self.show(value, lambda: output.one_line(sentence))

    def say(self, sentence: str) -> None:
        """A line beside a table; programs don't get it."""
        if not self.as_json:
            click.echo(output.one_line(sentence))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json`` after the command too, where one's fingers put it."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            ctx.find_object(Session).as_json = True  # type: ignore[union-attr]

    return click.option("--json", is_flag=True, expose_value=False, callback=remember, help="Print JSON.")(command)


def confirmation(question: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--yes``, or the question; in a batch nobody is there to answer it."""

    def ask(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value or ctx.resilient_parsing:
            return
        session = ctx.find_object(Session)
        if session is not None and session.in_batch:
            raise click.UsageError("say --yes: nobody can be asked in a batch", ctx)
        if not click.confirm(question, err=True):
            raise click.Abort

    return click.option(
        "--yes", is_flag=True, expose_value=False, is_eager=True, callback=ask, help="Don't ask whether it is meant."
    )


pass_session = click.make_pass_decorator(Session)
