"""Django projects: signed-in clients, and the lint."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import AccessMixin, LoginRequiredMixin
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.urls import include, path, re_path
from django.views import View
from rest_framework.views import APIView

from greffier import auth
from greffier.django import RequireAuthMixin, require_auth
from greffier.django.rest_framework import requires
from greffier.testing import RouteReport, TestServer, lint_routes


def gates(report: RouteReport) -> dict[str, str]:
    return {f"{' '.join(one.methods)} {one.path}": one.gate for one in report.findings}


def say(request: HttpRequest, **_: Any) -> JsonResponse:
    return JsonResponse({"user_id": auth().user_id})


class Page(RequireAuthMixin, View):
    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


class WrongOrder(View, RequireAuthMixin):
    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


class OnlyDeny(AccessMixin, View):
    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


class DjangosMixin(LoginRequiredMixin, View):
    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


class Reports(APIView):
    permission_classes = [requires(role="org:admin")]

    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


class Feed(APIView):
    def get(self, request: HttpRequest) -> JsonResponse:
        return say(request)


urlpatterns = [
    path("", say),
    path("me", say),
    path("admin/", include([path("<uuid:user_id>", require_auth(role="org:admin")(say))])),
    path("files/<path:name>", say),
    path("page", Page.as_view()),
    path("wrong-order", WrongOrder.as_view()),
    path("only-deny", OnlyDeny.as_view()),
    path("django-mixin", DjangosMixin.as_view()),
    path("reports", Reports.as_view()),
    path("feed", Feed.as_view()),
    path("django", login_required(say)),
    re_path(r"^help(?:/.*)?$", say),
    re_path(r"^(?P<section>\w+)/(\d+)-(?P<slug>[\w.-]+)\.html$", say),
    re_path(r"^years/(?P<year>[0-9]{4})/$", say),
]


def django_settings(server: TestServer | None, **settings: Any) -> Any:
    greffier = {**server.settings(), **settings} if server else {}
    middleware = ["greffier.django.AuthMiddleware"] if server else []
    return override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=middleware, GREFFIER=greffier)


def test_a_django_client_is_signed_in(server: TestServer) -> None:
    user = server.create_user(email_address="ada@example.com")
    with django_settings(server, public_routes=["/"]):
        client = server.sign_in(user).django_client()
        assert client.get("/me").json() == {"user_id": user.id}
        client.cookies.clear()
        assert client.get("/me").status_code == 401


def test_every_route_of_a_django_project_is_listed_with_its_gate(server: TestServer) -> None:
    with django_settings(None):
        assert gates(lint_routes(WSGIHandler())) == {
            "* /": "UNDECIDED",
            "* /me": "UNDECIDED",
            "* /admin/<uuid:user_id>": "route",
            "* /files/<path:name>": "UNDECIDED",
            "GET /page": "route",
            "GET /wrong-order": "UNDECIDED",
            "GET /only-deny": "UNDECIDED",
            "GET /django-mixin": "route",
            "GET /reports": "route",
            "GET /feed": "UNDECIDED",
            "* /django": "route",
            "* /^help(?:/.*)?$": "UNDECIDED",
            r"* /^(?P<section>\w+)/(\d+)-(?P<slug>[\w.-]+)\.html$": "UNDECIDED",
            "* /^years/(?P<year>[0-9]{4})/$": "UNDECIDED",
        }
    with django_settings(server, public_routes=["/", "/years/**", "/help/**"], ignored_routes=["/*/*.html"]):
        report = lint_routes(WSGIHandler())
        assert report.undecided == ()
        assert report.gate_of("/me") == "protected"
        assert report.gate_of("/^years/(?P<year>[0-9]{4})/$") == "public"
        assert report.gate_of("/^help(?:/.*)?$") == "public"
        assert report.gate_of(r"/^(?P<section>\w+)/(\d+)-(?P<slug>[\w.-]+)\.html$") == "ignored"
        assert [one.path for one in report.with_dots] == ["/files/<path:name>"]
    with django_settings(server, public_routes=["/help"]):
        (finding,) = (one for one in lint_routes(WSGIHandler()).findings if "help" in one.path)
        assert (finding.gate, finding.notes) == ("public", ("other requests: protected",))
