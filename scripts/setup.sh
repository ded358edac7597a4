#!/usr/bin/env bash
# Makes the virtual environment .venv with pinned versions:  scripts/setup.sh [dev|run]
# `dev` (default) has everything for tests and checks, `run` what the example app needs. Called again, it does
# nothing until pyproject.toml, constraints.txt or the Python changes. PYTHON chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-dev}
case $kind in
  dev) extras='dev' ;;
  run) extras='server,fastapi' ;;
  *) echo "usage: scripts/setup.sh [dev|run]" >&2; exit 2 ;;
esac

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
    if is_new_enough "$candidate"; then echo "$candidate"; return; fi
  done
  echo "Python 3.11 or newer was not found: install it, or set PYTHON to its program." >&2
  return 1
}

stamp_text() { cat pyproject.toml constraints.txt; .venv/bin/python -V; }

is_current() {
  local made
  for made in "$kind" dev; do
    if stamp_text 2>/dev/null | cmp -s - ".venv/.made-for-$made"; then return 0; fi
  done
  return 1
}

if is_current; then exit 0; fi

if ! is_new_enough .venv/bin/python; then
  python=$(find_python)
  echo "Making .venv with $("$python" -V)"
  "$python" -m venv --clear .venv || {
    echo "$python cannot make virtual environments: install its venv module (Debian: apt install python3-venv)." >&2
    exit 1
  }
fi
echo "Installing pinned packages into .venv ($kind)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
  --constraint constraints.txt --editable ".[$extras]"
stamp_text > ".venv/.made-for-$kind"
