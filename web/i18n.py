"""Languages of the panel: Vietnamese unless the user chose English. Catalogues are read as .po, nothing is compiled."""

from __future__ import annotations

import io
from functools import cache, cached_property
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, redirect, request, url_for
from flask_babel import Babel, Domain, get_locale
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_COOKIE = "mcu_language"
_CATALOGUES = Path(__file__).parent / "translations"

blueprint = Blueprint("i18n", __name__)


class _PoDomain(Domain):  # type: ignore[misc]  # flask-babel carries no types
    def get_translations(self) -> NullTranslations:
        return _translations(str(get_locale() or "vi"))


class _PoBabel(Babel):  # type: ignore[misc]
    @cached_property
    def domain_instance(self) -> Domain:
        return _PoDomain(domain=self.domain)


def init_app(app: Flask) -> None:
    _PoBabel(app, default_locale="vi", locale_selector=language)
    app.register_blueprint(blueprint)

    @app.context_processor
    def _offer() -> dict[str, object]:
        return {"language": language(), "languages": LANGUAGES}


def language() -> str:
    """``vi`` or ``en``, by this browser's choice."""
    chosen = request.cookies.get(_COOKIE, "")
    return chosen if chosen in LANGUAGES else "vi"


def texts(language: str) -> dict[str, str]:
    """Every text of the panel in ``language``, by its English original; empty for English itself."""
    if language == "en":
        return {}
    return {str(m.id): str(m.string) for m in _catalogue(language) if m.id and m.string}


@blueprint.get("/language/<code>")
def choose(code: str) -> Response:
    if code not in LANGUAGES:
        raise NotFound()
    answer = redirect(url_for("panel.index") if request.args.get("from") != "login" else url_for("auth.login"))
    answer.set_cookie(
        _COOKIE, code, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure, path="/"
    )
    return answer


def _catalogue(language: str):  # type: ignore[no-untyped-def]  # babel's Catalog carries no types
    with (_CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return Translations(compiled)
