#!/usr/bin/env bash
# Installs the locked npm packages of folders:  scripts/setup_npm.sh FOLDER...
# Called again, it does nothing until a lock file changes. `npm ci` refuses a lock file where a registry lacks the
# builds of a package for other systems; `npm install` then takes the locked versions and writes no file.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
  echo "npm was not found: install Node.js 20 or newer." >&2
  exit 1
fi
for folder in "$@"; do
  made_for="$folder/node_modules/.made-for"
  if cmp -s "$folder/package-lock.json" "$made_for"; then continue; fi
  echo "Installing npm packages into $folder"
  options=(--prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error)
  npm ci "${options[@]}" 2>/dev/null || npm install --no-save "${options[@]}"
  cp "$folder/package-lock.json" "$made_for"
done
