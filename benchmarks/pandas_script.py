"""What an analyst would write: three checks with pandas, in half an afternoon.

    PYTHON_WITH_PANDAS benchmarks/pandas_script.py corpus.csv

Slow first replies, conversations that nobody answered, and promises after which nothing came. Written as such scripts
are, with `groupby.apply` and `iterrows`, and not to lose: times are parsed once, patterns are compiled once.
"""

import re
import sys
from datetime import timedelta
from typing import Any

import pandas as pd
from dateutil import parser

PROMISE = re.compile(
    r"\b(?:i|we|you)(?:'ll| will) (?:call|check|get back|let you know|keep you|send|have|get|refund)",
    re.IGNORECASE,
)
DAYS = re.compile(r"\b(?:(\d+)|two|three) days\b", re.IGNORECASE)
SLOW = {"chat": timedelta(minutes=5), "email": timedelta(hours=24)}
USUAL = timedelta(hours=1)


def moment(text: str) -> pd.Timestamp:
    """Read a time in whatever style it comes."""
    if text.isdigit():
        return pd.Timestamp(int(text), unit="s" if len(text) < 12 else "ms", tz="UTC")
    parsed = pd.Timestamp(parser.parse(text))
    return parsed.tz_localize("UTC") if parsed.tzinfo is None else parsed.tz_convert("UTC")


def due(text: str, said: pd.Timestamp) -> pd.Timestamp:
    """Guess when a promise falls due: what it says in simple cases, else after two days."""
    lowered = text.lower()
    if "today" in lowered or "within the hour" in lowered:
        return said + timedelta(hours=12)
    if "tomorrow" in lowered or "24 hours" in lowered:
        return said + timedelta(days=1)
    found = DAYS.search(lowered)
    return said + timedelta(days=int(found[1]) if found and found[1] else 2)


def check(talk: pd.DataFrame, end: pd.Timestamp) -> pd.Series:
    """Judge one conversation."""
    asked = None
    slow = False
    answered = False
    promised: list[pd.Timestamp] = []
    broken = False
    limit = SLOW.get(talk["channel"].iloc[0], USUAL)
    for _, message in talk.iterrows():
        at = message["created_at"]
        if message["role"] == "customer":
            asked = asked if asked is not None else at
            broken = broken or any(at > moment for moment in promised)
        elif message["role"] == "agent" and message["public"]:
            if asked is not None and not answered:
                slow = at - asked > limit
            answered = True
            promised = [due(message["text"], at)] if PROMISE.search(message["text"]) else []
    broken = broken or any(end > moment for moment in promised)
    return pd.Series({"slow": slow, "unanswered": not answered, "broken": broken})


def audit(path: str) -> Any:
    """Read, group, judge, count."""
    messages = pd.read_csv(path, dtype={"conversation_id": str, "created_at": str}, keep_default_na=False)
    messages["created_at"] = messages["created_at"].map(moment)
    messages = messages.sort_values(["conversation_id", "created_at"], kind="stable")
    end = messages["created_at"].max()
    return messages.groupby("conversation_id").apply(check, end).mean()


if __name__ == "__main__":
    print(audit(sys.argv[1]))
