"""Django's commands for this project; `runserver` makes the tables first, so that one command is enough."""

import os
import sys

from django.core.management import call_command, execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchard.settings")
    if sys.argv[1:2] == ["runserver"]:
        import django

        django.setup()
        call_command("migrate", verbosity=0)
    execute_from_command_line(sys.argv)
