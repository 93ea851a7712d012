#!/usr/bin/env bash
# First step of action.yml: supportaudit in an environment of its own, so that the job's packages stay as they are.
set -euo pipefail

refuse() {
  echo "::error title=supportaudit::$1"
  exit 2
}

version=${INPUT_VERSION:-} extras=${INPUT_EXTRAS:-}
[[ $version =~ ^[0-9A-Za-z.+!]*$ ]] || refuse "the input 'version' must be a version such as 0.1.0"
[[ $extras =~ ^[a-z,]*$ ]] || refuse "the input 'extras' must be names with commas between, such as xlsx,parquet"

python=$(command -v python3 || command -v python) || refuse "there is no Python; name a python-version"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  refuse "supportaudit needs Python 3.11 or newer; name a python-version"

home="$RUNNER_TEMP/supportaudit-env"
"$python" -m venv "$home"
bin="$home/bin"
[ -d "$bin" ] || bin="$home/Scripts" # Windows
package="${GITHUB_ACTION_PATH:-.}"
[ -z "$version" ] || package=supportaudit
"$bin/python" -m pip install --quiet --disable-pip-version-check \
  "$package${extras:+[$extras]}${version:+==$version}"
"$bin/supportaudit" --version
