#!/usr/bin/env bash
# Everything that CI runs: `make check`, then all tests. Arguments go to pytest; its summary is the last line.
set -euo pipefail
cd "$(dirname "$0")/.."

export GREFFIER_SHARED_DIR=${GREFFIER_SHARED_DIR:-$(cd .. && pwd)/shared}
for face in fapi bapi; do
  if ! compgen -G "$GREFFIER_SHARED_DIR/openapi/$face-*.yml" >/dev/null; then
    echo "No $face contract in $GREFFIER_SHARED_DIR/openapi: set GREFFIER_SHARED_DIR (see CONTRIBUTING.md)." >&2
    exit 1
  fi
done

scripts/setup.sh dev
scripts/test_programs.sh
.venv/bin/greffier assets install
.venv/bin/greffier assets install @clerk/clerk-js@5.128.0 @clerk/clerk-js@4.73.14

# Official SDKs for Node.js, driven by tests. `npm ci` would refuse the lock file where a registry lacks the builds
# of Next.js for other systems; this takes the locked versions and writes no file.
peers=tests/sdk_node
if [ -f "$peers/package.json" ]; then
  if ! cmp -s "$peers/package-lock.json" "$peers/node_modules/.made-for"; then
    npm install --no-save --prefix "$peers" --ignore-scripts --no-audit --no-fund
    cp "$peers/package-lock.json" "$peers/node_modules/.made-for"
  fi
fi

make --no-print-directory check
exec .venv/bin/python -m pytest --numprocesses logical --maxprocesses 4 "$@"
