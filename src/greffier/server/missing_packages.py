"""Packages that are gone while settings or users of an instance still need what they brought: kinds of
identification and strategies. `greffier serve` and `greffier doctor` report them."""

from __future__ import annotations

from greffier.server.identifications.kinds import kinds
from greffier.server.identifications.queries import NEXT_CLAIMED_KIND
from greffier.server.safety import Finding
from greffier.server.strategies import find_strategy
from greffier.server.web.context import Context

_KIND = "no installed package has this kind of identification"


async def check_packages(ctx: Context) -> list[Finding]:
    """Everything that no installed package has.

    Fatal is only a second factor: without its package, users who have it would sign in without it. All else
    is refused while its package is missing, and nothing is lost.
    """
    installed = {kind.name for kind in kinds()}
    return [*_of_settings(ctx, installed), *_of_providers(ctx), *await _of_users(ctx, installed)]


def _of_settings(ctx: Context, installed: set[str]) -> list[Finding]:
    attributes = ctx.instance.settings.attributes.by_path()
    found = [
        Finding(_setting(ctx, path), f"{_KIND}: sign-ups that ask for it stay incomplete.")
        for path, attribute in attributes.items()
        if path.startswith("others.") and attribute.enabled and path.removeprefix("others.") not in installed
    ]
    for path, attribute in attributes.items():
        lists = {
            "first_factors": ("users cannot sign in by it.", False),
            "verifications": ("it verifies nothing.", False),
            "second_factors": ("users who have it as second factor would sign in without it.", True),
        }
        for field, (consequence, fatal) in lists.items():
            for name in getattr(attribute, field) if attribute.enabled else ():
                if find_strategy(ctx, name) is None:
                    why = f"no installed package has the strategy {name}: {consequence}"
                    found.append(Finding(_setting(ctx, f"{path}.{field}"), why, fatal))
    return found


def _of_providers(ctx: Context) -> list[Finding]:
    """Their buttons are shown, because the settings do not tell which providers there are."""
    return [
        Finding(
            f"{ctx.instance.frontend_api_host} settings.social[{index}]",
            f"no installed package has the provider {entry.provider}: its button does not work.",
        )
        for index, entry in enumerate(ctx.instance.settings.social)
        if entry.enabled and find_strategy(ctx, f"oauth_{entry.provider}") is None
    ]


async def _of_users(ctx: Context, installed: set[str]) -> list[Finding]:
    """Asks the index for one kind after the other, however many users there are."""
    found: list[Finding] = []
    kind = ""
    while after := await ctx.db.one(NEXT_CLAIMED_KIND, instance_id=ctx.instance.id, after=kind):
        kind = after
        if kind not in installed:
            why = f"users have it, but {_KIND}: they sign in by what else they have."
            found.append(Finding(f"{ctx.instance.frontend_api_host} {kind}", why))
    return found


def _setting(ctx: Context, path: str) -> str:
    return f"{ctx.instance.frontend_api_host} settings.attributes.{path}"
