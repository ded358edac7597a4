"""Errors about API keys, machine tokens and OAuth."""

from greffier.server.errors.machine_access.api_keys import *
from greffier.server.errors.machine_access.machines import *
from greffier.server.errors.machine_access.oauth import *
