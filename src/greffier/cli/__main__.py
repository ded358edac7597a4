"""`python -m greffier.cli`."""

from greffier.cli import main

main()
