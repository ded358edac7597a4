"""Django: a middleware that protects every view, the auth object, and decorators for single views.

    INSTALLED_APPS += ["greffier.django"]  # checks of the settings
    MIDDLEWARE += ["greffier.django.AuthMiddleware"]  # after Django's AuthenticationMiddleware
    GREFFIER = {"publishable_key": "pk_...", "secret_key": "sk_...", "public_routes": ["/"]}

`greffier.django.backends` makes Django users of those who are signed in; `greffier.django.rest_framework` is
for Django REST framework.
"""

from greffier.django.decorators import RequireAuthMixin, login_required, redirect_to_sign_in, require_auth
from greffier.django.middleware import AuthMiddleware
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.protection.current import auth, current_user, current_user_sync, get_auth

__all__ = [
    "AuthMiddleware",
    "AuthObject",
    "RequireAuthMixin",
    "auth",
    "current_user",
    "current_user_sync",
    "get_auth",
    "login_required",
    "redirect_to_sign_in",
    "require_auth",
]
