"""`greffier doctor`: what is wrong or doubtful with an installation."""
