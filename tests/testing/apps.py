"""Apps under test, as their authors would write them."""

from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from greffier import auth, current_user
from greffier.asgi import AuthMiddleware
from greffier.fastapi import CurrentAuth, add_auth


def fastapi_app(**settings: Any) -> FastAPI:
    app = FastAPI()
    add_auth(app, public_routes=["/"], **settings)

    @app.get("/")
    async def home(who: CurrentAuth) -> dict[str, Any]:
        return {"user_id": who.user_id}

    @app.get("/me")
    async def me(who: CurrentAuth) -> dict[str, Any]:
        actor = who.actor or {}
        return {"user_id": who.user_id, "session_id": who.session_id, "actor": actor.get("sub")}

    @app.get("/profile")
    async def profile(who: CurrentAuth) -> dict[str, Any]:
        user = await current_user() or {}
        return {"metadata": user.get("public_metadata"), "token": await who.get_token()}

    return app


async def _me(request: Request) -> JSONResponse:
    return JSONResponse({"user_id": auth().user_id})


def starlette_app(**settings: Any) -> Starlette:
    return Starlette(
        routes=[Route("/me", _me)], middleware=[Middleware(AuthMiddleware, public_routes=["/"], **settings)]
    )
