#!/bin/sh
# The weekly audit without a CI server: audits one export, keeps a history, and mails the scorecard if the gate
# failed or the audit could not be done. Run by cron; see the crontab beside it.
#
#   supportaudit-weekly.sh EXPORT...
#
# STATE   folder of results and history        (~/.local/state/supportaudit)
# MAIL_TO who is told; empty prints instead, and cron mails what it prints
# MAILER  program that mails                   (mail)
# SUPPORTAUDIT the command                     (supportaudit)
set -eu
state=${STATE:-$HOME/.local/state/supportaudit}
command=${SUPPORTAUDIT:-supportaudit}
if [ $# -eq 0 ]; then
  echo "usage: $0 EXPORT..." >&2
  exit 2
fi
umask 077 # results quote customers
mkdir -p "$state"

week=$(date +%G-W%V)
last=
for result in "$state"/[0-9][0-9][0-9][0-9]-W[0-9][0-9].json; do # in order; a second run of a week is not its own past
  if [ -f "$result" ] && [ "$(basename "$result")" != "$week.json" ]; then last=$result; fi
done

page=$(mktemp)
trap 'rm -f "$page" "$state/$week.part"' EXIT
code=0
"$command" scan --history "$state/audits.db" --output "json=$state/$week.part" \
  --output "html=$state/$week.html" ${last:+--baseline "$last"} -- "$@" > "$page" 2>&1 || code=$?
if [ "$code" -lt 2 ] && [ -f "$state/$week.part" ]; then
  mv "$state/$week.part" "$state/$week.json" # what could not be done is nobody's baseline
fi
[ "$code" -ne 0 ] || exit 0

case $code in
  1) subject="Support audit $week: the gate failed" ;;
  *) subject="Support audit $week: it could not be done" ;;
esac
if [ -n "${MAIL_TO:-}" ]; then
  "${MAILER:-mail}" -s "$subject" "$MAIL_TO" < "$page"
else
  echo "$subject"
  cat "$page"
fi
exit "$code"
