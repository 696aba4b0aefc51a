"""Passwords on their way in: asked for, or read from standard input, never an argument (`ps` shows those to all)."""

from __future__ import annotations

import sys

import click

from mcu.cli.session import Session
from mcu.errors import BadRequest

stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, its first line, instead of asking."
)


def read(session: Session, from_stdin: bool) -> str:
    """Raises BadRequest, or UsageError in a batch, where standard input may be the batch itself."""
    if session.in_batch:
        raise click.UsageError("nobody can be asked for a password in a batch")
    if not from_stdin:
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    try:
        line = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadRequest("the password on standard input is no text") from None
    if not line:
        raise BadRequest("no password on standard input")
    return line
