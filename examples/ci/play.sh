#!/bin/sh
# Plays five weekly exports of Copper & Crumb through the gate, as a pipeline would: each week is held against
# supportaudit.yaml and against the JSON result of the week before.
#
#     sh examples/ci/play.sh [FOLDER]
#
# The exports and results stay in FOLDER if one is named. SUPPORTAUDIT and PYTHON name the commands, if need be.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
supportaudit=${SUPPORTAUDIT:-supportaudit}
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  folder=$1
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
"$python" "$here/make_weeks.py" "$folder"
cp "$here/supportaudit.yaml" "$folder"
cd "$folder"

say() { printf '\n== %s\n' "$*"; }

# Shows the command and what decides, and says the exit code.
audit() {
  printf '$ supportaudit scan %s\n' "$*"
  code=0
  "$supportaudit" scan "$@" > page.txt || code=$?
  [ "$code" -lt 2 ] || exit "$code"
  grep -E 'of 100|failed their customer' page.txt
  grep -E '  (worse|better) \(p ' page.txt || true
  sed -n '/^Suppressed/,/^$/p; /^Gate/,$p' page.txt
  printf 'exit code %s\n' "$code"
}

say "Week 45: as usual. It passes."
audit week-45.csv -o json=week-45.json

say "Week 46: somebody lost patience with customers. It fails: one rude reply is more than the team allows."
audit week-46.csv --baseline week-45.json -o json=week-46.json

say "Week 47: half the desk was ill. Every limit holds, but far more replies were late than last week. It fails."
audit week-47.csv --baseline week-46.json -o json=week-47.json

say "Week 48: back to normal, but for a rude driver. It fails."
audit week-48.csv --baseline week-47.json -o json=week-48.json

say "Week 48 again: the driver was the courier's. Accepted, by whom, why and until when is written down. It passes."
{ echo; cat "$here/accepted.yaml"; } >> supportaudit.yaml
cat "$here/accepted.yaml"
audit week-48.csv --baseline week-47.json -o json=week-48.json

say "Week 49: as usual. It passes, and says that nothing needs the accepted entry any more."
audit week-49.csv --baseline week-48.json -o json=week-49.json
