"""Logging: one line an event, to standard error and to a file of the process's own in the home."""

from __future__ import annotations

import logging
import logging.handlers
import sys

import structlog

from mcu.config import Settings

_KEEP_BYTES = 10 * 1024 * 1024
_KEEP_FILES = 5
_CHATTY = ("alembic", "panoramisk")  # at "info" they tell every plugin and every action


def setup(process: str, settings: Settings) -> None:
    """Route structlog and stdlib logging of this process to stderr (for people) and ``log/<process>.log`` (logfmt)."""
    settings.log_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.StackInfoRenderer(),
    ]
    people = logging.StreamHandler(sys.stderr)
    people.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(),
                    sort_keys=False,
                    # With rich installed the default shows every frame's variables: passwords of log-ins and terminals.
                    exception_formatter=structlog.dev.plain_traceback,
                ),
            ],
        )
    )
    file = logging.handlers.RotatingFileHandler(
        settings.log_dir / f"{process}.log", maxBytes=_KEEP_BYTES, backupCount=_KEEP_FILES, encoding="utf-8"
    )
    file.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "logger", "event"], bool_as_flag=False
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [people, file]
    root.setLevel(settings.log_level.upper())
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
