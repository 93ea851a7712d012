#!/usr/bin/env bash
# tools/sbom.sh WHEEL FILE: writes what is inside an installation of the wheel with its locked dependencies, as CycloneDX.
# Needs requirements/build.txt, of the Python that runs.
set -euo pipefail
wheel="$(realpath "$1")"
to="$(realpath -m "$2")"
cd "$(dirname "$0")/.."
python="${PYTHON:-python}"
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$wheel"
"$work/venv/bin/pip" uninstall --quiet --yes pip setuptools
"$python" -m cyclonedx_py environment "$work/venv/bin/python" --pyproject pyproject.toml --mc-type application \
  --output-reproducible --of JSON --output-file "$to"
