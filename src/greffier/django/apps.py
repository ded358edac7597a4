"""The Django app: `INSTALLED_APPS = [..., "greffier.django"]` adds the checks of `manage.py check`."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class GreffierConfig(AppConfig):
    """Registers the checks. The app has no models."""

    name = "greffier.django"
    label = "greffier"
    verbose_name = "Greffier"

    def ready(self) -> None:
        """Called by Django when all apps are there."""
        from greffier.django.checks import check_settings

        register(check_settings, Tags.security)
