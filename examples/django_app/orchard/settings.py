"""Settings of the project. Those of Greffier that are not here come from `GREFFIER_*` variables."""

import os
from pathlib import Path

PROJECT = Path(__file__).parent.parent
FRONT_END = PROJECT.parent / "front_end"

# Of a development server on this machine only.
DEBUG = True
SECRET_KEY = "not secret: this is an example"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "greffier.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "greffier.django.AuthMiddleware",
]
AUTHENTICATION_BACKENDS = ["orchard.users.OrchardBackend"]

# Where the origin is known, tokens that were made for another one are refused.
GREFFIER = {
    "public_routes": ["/"],
    "sign_in_url": "/sign-in",
    "authorized_parties": [os.environ["APP_URL"]] if "APP_URL" in os.environ else None,
    "update_users": True,
}

ROOT_URLCONF = "orchard.urls"
WSGI_APPLICATION = "orchard.wsgi.application"
TEMPLATES = [
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [FRONT_END / "templates"]},
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [FRONT_END / "static"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("EXAMPLE_DATABASE", PROJECT / "orchard.sqlite3"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
