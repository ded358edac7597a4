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

# Official SDKs for Node.js, driven by tests, and another React for the packages in js/.
scripts/setup_npm.sh tests/sdk_node js js/test-apps/react18 js/test-apps/use-stripe-subscription
npm run --silent --prefix js build

make --no-print-directory check
# An idle process takes over tests of a busy one: those in a browser take far longer than the others.
exec .venv/bin/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal "$@"
