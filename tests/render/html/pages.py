"""Pages to test: the example week, and exports made up to be hard."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.render.html import render_html
from supportaudit.results.report import Report

WEEK = Path(__file__).parents[3] / "examples" / "shop-week.csv"

HOSTILE = (
    "<script>document.title='got you'</script><svg onload=\"document.title='got you'\"><style>*{display:none}</style>"
    "{{7*7}}{% raw %}&lt;b&gt;&amp;<img src=https://evil.example/x onerror=\"document.title='got you'\">"
    "\"'`--></textarea></details>\u202egnp\u202c\x00\x1b[31m]]>"
)
PLANTED = {
    "e-mail": "Wanda.Whistle+shop@mail.example",
    "phone": "+44 20 7946 0958",
    "card": "4111 1111 1111 1111",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "IP": "10.20.30.40",
    "token": "otp=981273",
    "PIN": "PIN is 4711",
    "name": "Whistle",
}


def conversation(number: int, said: list[tuple[str, str, str, str]], **facts: str) -> dict[str, Any]:
    """One conversation of an export: (time, role, author, text) each."""
    messages = [
        {"id": f"{number}-{n}", "at": at, "role": role, "author": author, "text": text}
        for n, (at, role, author, text) in enumerate(said)
    ]
    return {"id": str(number), "channel": "chat", "customer_id": f"c{number}", "messages": messages, **facts}


def export(path: Path, conversations: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in conversations), "utf-8")
    return path


def audited(path: Path, **settings: Any) -> Report:
    return scan([path], ScanSettings(**({"jobs": 1, "evidence": 8} | settings), reading=Reading()))


@cache
def week() -> Report:
    """The example week with its evidence."""
    return audited(WEEK)


@cache
def week_page() -> str:
    return render_html(week())


def slow(
    number: int, customer: str, agent: str, first: str, last: str = "Are you there???"
) -> dict[str, Any]:
    """A chat that fails: the customer waits for two hours and asks again."""
    said = [
        ("2026-11-09T10:00:00Z", "customer", customer, first),
        ("2026-11-09T12:00:00Z", "agent", agent, f"Hello, {agent} here. {last}"),
        ("2026-11-09T12:05:00Z", "customer", customer, f"Thanks {agent.split()[0]}. {first}"),
        ("2026-11-09T15:05:00Z", "agent", agent, f"Calm down and read the manual.\n\nKind regards,\n{agent}"),
    ]
    return conversation(number, said, customer_name=customer, team="Orders" if number % 2 else "Returns")
