"""The one exception that rules raise, and the catalogue of error codes with named makers.

`web/` writes it as the published error envelope. Codes are what the SDKs that this
server is compatible with branch on; a code is part of the wire format and never changes.
"""

from greffier.server.errors.authentication import *
from greffier.server.errors.base import *
from greffier.server.errors.domains import *
from greffier.server.errors.invitations import *
from greffier.server.errors.jwt_templates import *
from greffier.server.errors.machine_access import *
from greffier.server.errors.organizations import *
from greffier.server.errors.parameters import *
from greffier.server.errors.requests import *
from greffier.server.errors.users import *
