"""Tokens of programs. Only a digest is kept of each, so nobody finds one in the file."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from mcu.errors import Conflict, NotFound
from mcu.models.database import Database
from mcu.models.tables import TokenRow, UserRow

PREFIX = "mcu_"  # by which scanners of source code know a token that was left in it
MOST = 100  # of one user


@dataclass(frozen=True, slots=True)
class Token:
    """A row, and whose it is."""

    row: TokenRow
    login: str


def fresh() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    # Random as it is, nothing slower than one SHA-256 makes it harder to guess.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def tokens(database: Database, login: str = "") -> list[Token]:
    """Everybody's, or one user's."""
    wanted = select(TokenRow, UserRow.login).join(UserRow, UserRow.id == TokenRow.user_id).order_by(TokenRow.id)
    if login:
        wanted = wanted.where(UserRow.login == login)
    with database.session() as session:
        return [Token(row, whose) for row, whose in session.execute(wanted)]


def add_token(
    database: Database, login: str, name: str, token: str, scopes: Sequence[str], expires_at: datetime | None
) -> Token:
    """Raises NotFound without such a user, Conflict where that one has too many already."""
    with database.session(writing=True) as session:
        user = session.scalar(select(UserRow).where(UserRow.login == login))
        if user is None:
            raise NotFound(f"there is no user {login}")
        if len(session.scalars(select(TokenRow.id).where(TokenRow.user_id == user.id)).all()) >= MOST:
            raise Conflict(f"{login} has {MOST} tokens already; delete some")
        row = TokenRow(
            name=name, digest=digest(token), scopes=list(scopes), user_id=user.id, expires_at=expires_at, used_at=None
        )
        session.add(row)
        session.flush()
        return Token(row, user.login)


def delete_token(database: Database, ident: int, login: str = "") -> None:
    """``login``: only if it is this user's. Raises NotFound."""
    with database.session(writing=True) as session:
        whose = session.scalar(
            select(UserRow.login).join(TokenRow, TokenRow.user_id == UserRow.id).where(TokenRow.id == ident)
        )
        if whose is None or (login and whose != login):
            raise NotFound(f"there is no token {ident}")
        session.execute(delete(TokenRow).where(TokenRow.id == ident))


def find(database: Database, token: str, at: datetime) -> tuple[TokenRow, UserRow] | None:
    """The token's row and its user; None for one that is not known, or has expired."""
    wanted = (
        select(TokenRow, UserRow)
        .join(UserRow, UserRow.id == TokenRow.user_id)
        .where(TokenRow.digest == digest(token))
        .where(or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > at))
    )
    with database.session() as session:
        found = session.execute(wanted).one_or_none()
    return None if found is None else (found[0], found[1])


def used(database: Database, ident: int, at: datetime) -> None:
    with database.session() as session:
        session.execute(update(TokenRow).where(TokenRow.id == ident).values(used_at=at))
