"""``mcu completion``: the script that makes a shell complete commands, and the answers to what it asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import get_completion_class

from mcu.cli.session import Session

LIMIT = 0.9  # s for the names of what there is: nobody waits longer for a key
_VARIABLE = "_MCU_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script for a shell, e.g. for ~/.bashrc: eval "$(mcu completion bash)"."""
    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if found is None:
        raise click.UsageError(f"nothing is known of {shell}")
    made = found(root, {}, "mcu", _VARIABLE)
    # Not .source(): of bash that runs the bash on PATH to look at its version, whoever will read the script.
    click.echo(made.source_template % made.source_vars())


def quietly(
    ctx: click.Context, candidates: Callable[[Session, dict[str, Any]], Iterable[tuple[str, str]]]
) -> list[tuple[str, str]]:
    """What there is, or nothing: a shell in the middle of a line can use neither an error nor a wait."""
    from mcu.cli.main import session_of

    found: list[tuple[str, str]] = []
    given = {key: value for one in (ctx.parent, ctx) if one is not None for key, value in one.params.items()}

    def ask() -> None:
        try:
            session = session_of(ctx.find_root().params, limit=LIMIT)
            try:
                found.extend(candidates(session, given))
            finally:
                session.close()
        except Exception:  # noqa: S110  # whatever it is, the shell goes on
            pass

    # A name server that does not answer is not bound by any of our own limits.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LIMIT)
    return list(found)
