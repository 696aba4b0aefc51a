"""Who may log in to the panel. Passwords come in as they are typed and are kept as argon2id hashes only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mcu.errors import Conflict, NotFound
from mcu.models.database import Database
from mcu.models.rows import find_room
from mcu.models.tables import SiteRow, UserRow

ADMIN = "admin"
ROLES = (ADMIN, "operator", "chair", "viewer")


def hashed(password: str) -> str:
    """What is kept of a password. Takes some 50 ms and 64 MiB: never in an event loop."""
    from argon2 import PasswordHasher  # where it is needed, which is seldom

    return PasswordHasher().hash(password)


def users(database: Database) -> list[UserRow]:
    with database.session() as session:
        return sorted(session.scalars(select(UserRow)), key=lambda row: row.login)  # see rows.py


def add_user(
    database: Database, login: str, password: str, role: str, branch: int | None = None, room: str | None = None
) -> UserRow:
    """``branch``: a site's id. Raises Conflict if there is one of that name, NotFound for a site or room that is not
    there."""
    user = UserRow(login=login, password_hash=hashed(password), role=role, branch_id=branch, room=room)
    with database.session(writing=True) as session:
        _check_bounds(session, branch, room)
        if session.scalar(select(UserRow).where(UserRow.login == login)) is not None:
            raise Conflict(f"there is a user {login} already")
        session.add(user)
    return user


def set_password(database: Database, login: str, password: str) -> UserRow:
    """Ends the sessions made with the old one. Raises NotFound."""
    fresh = hashed(password)
    with database.session(writing=True) as session:
        user = _find(session, login)
        user.password_hash = fresh
        return user


def change_user(database: Database, login: str, **columns: Any) -> UserRow:
    """Set role, branch_id or room. Raises NotFound, or Conflict where no administrator would be left."""
    with database.session(writing=True) as session:
        user = _find(session, login)
        if columns.get("role", ADMIN) != ADMIN:
            _keep_an_admin(session, user)
        _check_bounds(session, columns.get("branch_id"), columns.get("room"))
        for column, value in columns.items():
            setattr(user, column, value)
        return user


def delete_user(database: Database, login: str) -> None:
    """Raises NotFound, or Conflict for the last administrator: nobody could add users in the panel any more."""
    with database.session(writing=True) as session:
        user = _find(session, login)
        _keep_an_admin(session, user)
        session.delete(user)


def _keep_an_admin(session: Session, user: UserRow) -> None:
    admins = session.scalar(select(func.count()).select_from(UserRow).where(UserRow.role == ADMIN))
    if user.role == ADMIN and admins == 1:
        raise Conflict(f"{user.login} is the only administrator; add another one first")


def _check_bounds(session: Session, branch: int | None, room: str | None) -> None:
    if branch is not None and session.get(SiteRow, branch) is None:
        raise NotFound(f"there is no site {branch}")
    if room is not None:
        find_room(session, room)


def _find(session: Session, login: str) -> UserRow:
    user = session.scalar(select(UserRow).where(UserRow.login == login))
    if user is None:
        raise NotFound(f"there is no user {login}")
    return user
