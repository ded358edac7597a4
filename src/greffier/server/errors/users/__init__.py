"""Errors about users, what identifies them and how they prove it."""

from greffier.server.errors.users.blocked_addresses import *
from greffier.server.errors.users.captcha import *
from greffier.server.errors.users.identities import *
from greffier.server.errors.users.missing_accounts import *
from greffier.server.errors.users.passkeys import *
from greffier.server.errors.users.provider_tokens import *
from greffier.server.errors.users.providers import *
from greffier.server.errors.users.second_factors import *
from greffier.server.errors.users.trusted_devices import *
from greffier.server.errors.users.verifications import *
