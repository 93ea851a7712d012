#!/usr/bin/env bash
# Second step of action.yml: the audit, its annotations, the job's summary and the step's outputs.
set -euo pipefail

bin="$RUNNER_TEMP/supportaudit-env/bin"
[ -d "$bin" ] || bin="$RUNNER_TEMP/supportaudit-env/Scripts" # Windows
results=$(mktemp -d "$RUNNER_TEMP/supportaudit.XXXXXX")
arguments=()

# Reads an input of several lines into the array `lines`, without blanks around and empty lines.
read_lines() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    [ -z "$line" ] || lines+=("$line")
  done <<< "${1:-}"
}

# Adds an option if its input is not empty.
option() { [ -z "${2:-}" ] || arguments+=("$1=$2"); }

option --config "${INPUT_CONFIG:-}"
option --fail-under "${INPUT_FAIL_UNDER:-}"
option --max-failures "${INPUT_MAX_FAILURES:-}"
read_lines "${INPUT_FAIL_ON:-}"
for line in ${lines[@]+"${lines[@]}"}; do option --fail-on "$line"; done
[ "${INPUT_EXIT_ZERO:-}" != true ] || arguments+=(--exit-zero)

# A folder of results: the newest of an earlier week, so that a run tried again is not compared with itself.
baseline=${INPUT_BASELINE:-}
keep=
if [ -n "$baseline" ] && { [ -d "$baseline" ] || [[ $baseline == */ ]]; }; then
  mkdir -p "$baseline"
  keep="${baseline%/}/$(date -u +%G-W%V).json"
  baseline=
  for earlier in "${keep%/*}"/[0-9][0-9][0-9][0-9]-W[0-9][0-9].json; do
    if [ -f "$earlier" ] && [[ $earlier < $keep ]]; then baseline=$earlier; fi
  done
  [ -n "$baseline" ] || echo "No result of an earlier week yet: nothing to compare with."
fi
option --baseline "$baseline"

arguments+=(--output "json=$results/result.json" --output "text=$results/scorecard.txt")
[ -z "${INPUT_SARIF:-}" ] || arguments+=(--output "sarif=$results/result.sarif")
[ "${INPUT_SUMMARY:-}" = false ] || arguments+=(--output "markdown=$results/summary.md")
read_lines "${INPUT_OUTPUTS:-}"
for line in ${lines[@]+"${lines[@]}"}; do arguments+=(--output "$line"); done
read_lines "${INPUT_ARGUMENTS:-}"
for line in ${lines[@]+"${lines[@]}"}; do arguments+=("$line"); done
read_lines "${INPUT_FILES:-}"
if [ ${#lines[@]} -eq 0 ]; then
  echo "::error title=supportaudit::the input 'files' names no export"
  exit 2
fi

code=0
"$bin/supportaudit" scan ${arguments[@]+"${arguments[@]}"} --format github -- "${lines[@]}" \
  > "$results/annotations.txt" 2> "$results/errors.txt" || code=$?

# What customers wrote stands in these files: the runner must take none of it for a command.
quietly() {
  local token
  token=$("$bin/python" -c 'import secrets; print(secrets.token_hex(16))')
  echo "::stop-commands::$token"
  cat "$1"
  echo # a file may end without a line end
  echo "::$token::"
}

if [ -s "$results/scorecard.txt" ]; then
  echo "::group::Scorecard"
  quietly "$results/scorecard.txt"
  echo "::endgroup::"
fi
# The annotations are commands, and the program escapes what is foreign in them.
[ "${INPUT_ANNOTATIONS:-}" = false ] || cat "$results/annotations.txt"
[ ! -s "$results/errors.txt" ] || quietly "$results/errors.txt"
if [ "$code" -ge 2 ]; then
  why=$(sed -n 's/^error: //p' "$results/errors.txt" | head -n 1)
  why=${why:-the audit could not be done; the log says why}
  printf '::error title=supportaudit::%s\n' "${why//%/%25}"
fi
if [ -s "$results/summary.md" ]; then
  cat "$results/summary.md" >> "$GITHUB_STEP_SUMMARY"
elif [ "${INPUT_SUMMARY:-}" != false ]; then
  echo "supportaudit: the audit could not be done; the log says why." >> "$GITHUB_STEP_SUMMARY"
fi

# Only what this run has written is handed on, never a file of an earlier one.
hand_on() {
  if [ -n "$2" ] && [ -s "$results/$3" ]; then
    mkdir -p "$(dirname -- "$2")"
    cp -- "$results/$3" "$2"
    local path=$2
    # The steps of the workflow look from the workspace, not from the working directory.
    case "${INPUT_DIRECTORY:-.}:$path" in .:* | *:/*) ;; *) path="$INPUT_DIRECTORY/$path" ;; esac
    printf '%s=%s\n' "$1" "${path//[$'\r\n']/}" >> "$GITHUB_OUTPUT"
  fi
}
hand_on json "${INPUT_JSON:-}" result.json
hand_on sarif "${INPUT_SARIF:-}" result.sarif
if [ -s "$results/result.json" ]; then
  [ -z "$keep" ] || [ "$code" -ge 2 ] || cp -- "$results/result.json" "$keep"
  score=$("$bin/python" -c '
import json, sys
score = json.load(open(sys.argv[1], encoding="utf-8"))["scorecard"]["score"]
print("" if score is None else format(score, ".1f"))' "$results/result.json")
  echo "score=$score" >> "$GITHUB_OUTPUT"
fi
echo "exit-code=$code" >> "$GITHUB_OUTPUT"
exit "$code"
