"""The pages. They are shells: what they show, the browser reads from /api/v1 and the event stream."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from .i18n import language, texts
from .services import services

blueprint = Blueprint("panel", __name__)


@blueprint.get("/")
@blueprint.get("/rooms/<number>", endpoint="room")
def index(number: str = "") -> str:
    """The meeting panel; which room is open is in the address, and the browser's business."""
    anywhere = current_user.role != "chair" or services().settings.dialling.chair_addresses
    more = {"current_user": current_user, "dials_anywhere": anywhere}
    return render_template("panel.html", texts=texts(language()), **more)
