#!/usr/bin/env bash
# Builds wheel and sdist twice, in other folders, at other times, with other rights and another order of sets, and fails
# unless the bytes are the same. The first build stays in dist/. Needs requirements/build.txt, of the Python that runs.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python}"
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" # the moment of the commit, instead of now
export SOURCE_DATE_EPOCH
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

build() { # NAME UMASK SEED ZONE
  mkdir -p "$work/$1"
  (umask "$2" && git archive HEAD | tar -x -C "$work/$1")
  (cd "$work/$1" && umask "$2" && PYTHONHASHSEED="$3" TZ="$4" "$python" -m build --no-isolation --outdir "$work/$1-dist" . > "$work/$1.log" 2>&1) \
    || { cat "$work/$1.log" >&2; exit 1; }
}

build one 022 1 UTC
build two 077 2 Asia/Tbilisi
for file in "$work"/one-dist/*; do
  cmp "$file" "$work/two-dist/$(basename "$file")"
done
mkdir -p dist
cp "$work"/one-dist/* dist/
(cd dist && sha256sum ./*)
