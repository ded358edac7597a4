"""For a WSGI server: `gunicorn orchard.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchard.settings")
application = get_wsgi_application()
