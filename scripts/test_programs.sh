#!/usr/bin/env bash
# Finds the programs that tests drive, and installs what is missing where it may: as root by apt, else from the
# `dev` extra and Playwright. Ends with one message that names whatever is still missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { ! .venv/bin/python -m scripts.find_test_programs "$1" >/dev/null 2>&1; }

packages=()
if missing chromium; then packages+=(chromium); fi
if missing postgresql; then packages+=(postgresql); fi
if missing redis; then packages+=(redis-server); fi
if missing nginx; then packages+=(nginx-light); fi
if missing caddy; then packages+=(caddy); fi

if [ ${#packages[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing with apt: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if ! { apt-get update && apt-get install --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt could not install them; looking elsewhere." >&2
  fi
  rm -f "$log"
fi
if missing chromium; then
  echo "Installing Chromium with Playwright"
  .venv/bin/playwright install chromium || true
fi
exec .venv/bin/python -m scripts.find_test_programs chromium postgresql-any redis-any node npm nginx caddy
