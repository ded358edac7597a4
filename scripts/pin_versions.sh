#!/usr/bin/env bash
# Writes the versions that .venv has to constraints.txt, from which every environment is made.
set -euo pipefail
cd "$(dirname "$0")/.."
{
  echo "# Exact versions for development, tests and the example; \`make constraints\` writes this file."
  .venv/bin/python -m pip freeze --exclude-editable --exclude uv | grep -E '^[A-Za-z0-9._-]+==[0-9][^ ]*$'
} > constraints.txt.new
mv constraints.txt.new constraints.txt
