"""The module's XML documentation, as Asterisk reads it.

Asterisk's own build gathers the DOCUMENTATION comments of its sources into one file. For a module from elsewhere that
file belongs into ``<astdatadir>/documentation/thirdparty/``, named ``*-en_US.xml``; without it the module works, and
Asterisk's log has a warning for each function and action.
"""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).parent
FILE_NAME = "res_video_router-en_US.xml"
_COMMENT = re.compile(r"/\*\*\* DOCUMENTATION\n(.*?)\*\*\*/", re.DOTALL)


def document() -> str:
    """The text of the file, valid by Asterisk's appdocsxml.dtd."""
    parts = [part for source in sorted(SOURCES.glob("*.c")) for part in _COMMENT.findall(source.read_text())]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<!DOCTYPE docs SYSTEM "appdocsxml.dtd">',
            '<docs xmlns:xi="http://www.w3.org/2001/XInclude">',
            *(part.rstrip() for part in parts),
            "</docs>",
            "",
        ]
    )
