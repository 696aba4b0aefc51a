"""``mcu batch``: one command a line, out of a file."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from mcu.cli import files
from mcu.cli.output import many, one_line
from mcu.cli.session import Session, pass_session
from mcu.errors import BadRequest, McuError

# These never end by themselves, or are a batch again.
_NOT_HERE = {"batch", "run", "tail", "control", "mixer", "asterisk", "web", "h323", "completion", "doctor", "restore"}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    words: list[str]


@click.command()
@click.argument("file", type=files.FilePath(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--keep-going", is_flag=True, help="Go on after an error; the exit code tells of it all the same.")
@click.option("--dry-run", is_flag=True, help="Only look whether every line is a command with what it needs.")
@pass_session
def batch(session: Session, file: Path, keep_going: bool, dry_run: bool) -> None:
    """Carry out the commands of FILE (- is standard input), one a line, without the word mcu before them.

    `#` begins a comment, quotes hold words together. All lines are read before the first is carried out. It stops at
    the first error and names its line. Whatever asks back needs --yes.
    """
    root = click.get_current_context().find_root()
    lines = list(_lines(_text(file)))
    session.in_batch = True
    as_json = session.as_json
    wrong = [f"line {line.number}: {fault}" for line in lines if (fault := _misspelt(root, session, line))]
    if wrong:
        raise click.UsageError("\n".join(wrong) + "\nnothing was done")
    if dry_run:
        session.as_json = as_json
        session.done({"lines": len(lines)}, f"{many(len(lines), 'command')}, none misspelt.")
        return
    failed = []
    for line in lines:
        session.as_json = as_json
        if fault := _carry_out(root, session, line):
            failed.append(line.number)
            click.echo(f"mcu: {file}, line {line.number}: {one_line(fault)}", err=True)
            if not keep_going:
                break
    if failed:
        raise SystemExit(1)


def _text(file: Path) -> str:
    try:
        text = files.read(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(f"{file} is no UTF-8 text") from None
    if "\0" in text:  # no name of a file holds one, nor does a command line
        raise BadRequest(f"{file} holds a NUL: it is no text")
    return text


def _lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as fault:
            raise click.UsageError(f"line {number}: {fault}\nnothing was done") from None
        if words[:1] == ["mcu"]:
            words = words[1:]
        if words:
            yield Line(number, words)


def _misspelt(root: click.Context, session: Session, line: Line) -> str:
    """What is wrong with the line before anybody is asked anything; empty if nothing."""
    try:
        with ExitStack() as open_contexts:
            context, words = root, line.words
            while isinstance(context.command, click.Group):
                group = context.command
                name, command, rest = group.resolve_command(context, words)
                if command is None or (context is root and name in _NOT_HERE):
                    return f"{name} can't stand in a batch"
                context = command.make_context(name, list(rest), parent=context)
                open_contexts.enter_context(context.scope(cleanup=False))
                words = [*context._protected_args, *context.args] if isinstance(command, click.Group) else []
    except click.exceptions.NoArgsIsHelpError:
        return f"a command is missing after {' '.join(line.words)}"
    except click.exceptions.Exit:
        return "--help can't stand in a batch"
    except click.ClickException as fault:
        return fault.format_message()
    return ""


def _carry_out(root: click.Context, session: Session, line: Line) -> str:
    """What went wrong; empty if nothing did."""
    assert isinstance(root.command, click.Group)
    try:
        name, command, rest = root.command.resolve_command(root, line.words)
        assert command is not None
        with command.make_context(name, list(rest), parent=root) as context:
            command.invoke(context)
    except McuError as fault:
        return fault.detail
    except click.exceptions.Exit as end:
        return f"exit code {end.exit_code}" if end.exit_code else ""
    except click.ClickException as fault:
        return fault.format_message()
    except SystemExit as end:
        return f"exit code {end.code}" if end.code else ""
    return ""
