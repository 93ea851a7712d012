#!/usr/bin/env bash
# Writes requirements/*.txt: every version with its hashes, for all Pythons and platforms at once. Needs uv, of the dev
# extra. Versions that stand there are kept while they fit; `tools/lock.sh --upgrade` takes the newest of all.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
  to="$1"
  shift
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-emit-index-url --no-emit-find-links --custom-compile-command tools/lock.sh \
    --output-file "requirements/$to" "$@"
}

lock runtime.txt pyproject.toml "$@"
lock dev.txt pyproject.toml --extra dev --extra xlsx --extra parquet --extra remote --extra spark --extra spark-tests \
  --constraints requirements/runtime.txt "$@"
lock build.txt requirements/build.in --constraints requirements/runtime.txt "$@"
