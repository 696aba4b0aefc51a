"""Who may log in, programs' tokens, who did what, and who is told."""

from __future__ import annotations

from .route import Route
from .schemas.common import Page, PageQuery
from .schemas.people import (
    AuditEntry,
    AuditQuery,
    Delivery,
    DeliveryMade,
    PasswordIn,
    Token,
    TokenIn,
    TokenMade,
    User,
    UserIn,
    UserPatch,
    Webhook,
    WebhookIn,
    WebhookMade,
    WebhookPatch,
)

_USERS, _TOKENS, _AUDIT, _HOOKS = "Users", "Tokens", "Audit", "Webhooks"

ROUTES = [
    Route(verb="GET", path="/users", call="user.list", tag=_USERS, answer=list[User], summary="Who may log in"),
    Route(verb="POST", path="/users", call="user.create", tag=_USERS, body=UserIn, answer=User, status=201,
          errors=(404, 409), summary="Let somebody log in"),
    Route(verb="PATCH", path="/users/<login>", call="user.change", tag=_USERS, body=UserPatch, answer=User,
          nulls=("branch", "room"), errors=(409,),
          summary="Change role, branch or room; 409 for the last administrator"),
    Route(verb="PUT", path="/users/<login>/password", call="user.password", tag=_USERS, body=PasswordIn, answer=User,
          summary="Set another password; who is logged in with the old one is logged out"),
    Route(verb="DELETE", path="/users/<login>", call="user.delete", tag=_USERS, status=204, errors=(409,),
          summary="Nobody logs in by this name any more; 409 for the last administrator"),
    Route(verb="GET", path="/tokens", call="token.list", tag=_TOKENS, answer=list[Token],
          summary="One's own tokens; an administrator's are everybody's"),
    Route(verb="POST", path="/tokens", call="token.create", tag=_TOKENS, body=TokenIn, answer=TokenMade, status=201,
          errors=(404, 409), summary="Make a token for a program; it is told this once"),
    Route(verb="DELETE", path="/tokens/<id>", call="token.delete", tag=_TOKENS, status=204,
          summary="Make a token worthless"),
    Route(verb="GET", path="/audit", call="audit.list", tag=_AUDIT, query=AuditQuery, answer=Page[AuditEntry],
          summary="Who did what, the newest first; without `room` for administrators"),
    Route(verb="GET", path="/webhooks", call="webhook.list", tag=_HOOKS, answer=list[Webhook],
          summary="Who is told what"),
    Route(verb="POST", path="/webhooks", call="webhook.create", tag=_HOOKS, body=WebhookIn, answer=WebhookMade,
          status=201, errors=(409,), summary="Send events to an address; the secret that signs them is told this once"),
    Route(verb="PATCH", path="/webhooks/<id>", call="webhook.change", tag=_HOOKS, body=WebhookPatch, answer=Webhook,
          errors=(409,), summary="Change what is given; enabled anew, it goes on where it was"),
    Route(verb="DELETE", path="/webhooks/<id>", call="webhook.delete", tag=_HOOKS, status=204,
          summary="Tell it nothing any more"),
    Route(verb="POST", path="/webhooks/<id>/test", call="webhook.test", tag=_HOOKS, answer=DeliveryMade, status=202,
          errors=(409,), summary="Send it a trial event"),
    Route(verb="GET", path="/webhooks/<id>/deliveries", call="webhook.deliveries", tag=_HOOKS, query=PageQuery,
          answer=Page[Delivery], summary="What was sent, and what is still to be; the newest first"),
]  # fmt: skip
