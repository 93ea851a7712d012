"""What the smaller commands print or write, with a payload in all that it shows."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.security.export import audited, conversation, file_name
from tests.security.payloads import PAYLOADS, Payload

from supportaudit.auditing.added import adding
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings
from supportaudit.calibration.calibrate import Calibration, calibrate
from supportaudit.calibration.labels import read_labels
from supportaudit.calibration.population import population_of
from supportaudit.calibration.sample import sample
from supportaudit.pages import config, explain, init, inspection, trend
from supportaudit.render.json_report import render_json
from supportaudit.render.notebook import render_notebook
from supportaudit.results.readback import read_report
from supportaudit.results.saved import read_result
from supportaudit.results.trend import trend_of
from supportaudit.settings.written import load_settings

Page = Callable[[Payload, Path], str]


def export(payload: Payload, folder: Path) -> Path:
    """A file with one conversation, the payload in every field."""
    path = folder / file_name(payload)
    path.write_text(json.dumps(conversation(payload)), "utf-8")
    return path


def table(payload: Payload, folder: Path) -> Path:
    """A table with the payload as the name of a column and in cells that cannot be used as they stand."""
    at = payload.at
    rows = [
        ["conversation_id", "created_at", "role", "author_name", "text", "channel", "priority", at("column")],
        [at("id"), "2026-11-09T10:00:00Z", at("role"), at("author"), "Hello?", at("channel"), at("priority"), "x"],
        ["7", at("time"), "customer", "Ann", at("question"), "chat", "", ""],
        ["1.02E+12", "2026-11-09T10:00:00Z", "customer", "Ann", at("question"), "chat", "", at("cell")],
    ]  # fmt: skip
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path = folder / file_name(payload).replace(".ndjson", ".csv")
    path.write_text(out.getvalue(), "utf-8", errors="replace", newline="")
    return path


def inspected(payload: Payload, folder: Path) -> str:
    return inspection.inspect_page([export(payload, folder)], Reading())


def inspected_table(payload: Payload, folder: Path) -> str:
    return inspection.inspect_page([table(payload, folder)], Reading())


def settings(payload: Payload, folder: Path) -> str:
    return init.settings_text(inspection.recognised(export(payload, folder), Reading()))


def settings_of_table(payload: Payload, folder: Path) -> str:
    reading = Reading(mapping={"subject": column(payload)})
    return init.settings_text(inspection.recognised(table(payload, folder), reading))


def column(payload: Payload) -> str:
    """The name of the column, as a table that was written and read again has it."""
    return payload.at("column").encode("utf-8", "replace").decode().replace("\0", "").strip()


def result(payload: Payload, folder: Path) -> Path:
    """A result that was written and then changed: the payload stands for every check, too."""
    made = json.loads(_result())
    for check in made["scorecard"]["checks"]:
        check["check"] = encodable(f"{payload.at('check')} {check['check']}")
    path = folder / f"{file_name(payload)}.json"
    path.write_text(json.dumps(made), "utf-8")
    return path


@cache
def _result() -> str:
    with TemporaryDirectory() as folder:
        return render_json(audited([export(PAYLOADS[0], Path(folder))]))


def encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def compared(payload: Payload, folder: Path) -> str:
    return trend.text_page(trend_of([read_result(result(payload, folder))] * 3))


def compared_json(payload: Payload, folder: Path) -> str:
    return trend.json_page(trend_of([read_result(result(payload, folder))] * 3))


def settings_file(payload: Payload, folder: Path) -> Path:
    at = payload.at
    body = {
        "company": {"agents": [at("agent")], "bots": [at("bot")]},
        "sources": [{"files": at("files"), "map": {"text": at("column")}}],
        "limits": {"chat": {"urgent": "5 min", "default": "1 h"}},
        "gate": {"segments": [{"by": "team", "value": at("team"), "max-rate": "5 %"}]},
        "ignore": [
            {
                "conversation": at("id"),
                "reason": at("reason"),
                "author": at("author"),
                "expires": "2026-12-31",
            }
        ],
    }
    path = folder / f"{file_name(payload)}.yaml"
    path.write_text(json.dumps(body), "utf-8")  # every JSON is YAML
    load_settings(path)
    return path


def configured(payload: Payload, folder: Path) -> str:
    return config.text_page(settings_file(payload, folder))


def configured_json(payload: Payload, folder: Path) -> str:
    return config.json_page(settings_file(payload, folder))


def own_check(payload: Payload, folder: Path) -> Path:
    """A check of the user's own whose description, parameters and cases hold the payload."""
    place = folder / "own-check"
    place.mkdir()
    text = payload.at("check")
    about = {
        "id": "own-check", "title": f"A {text}", "severity": "low", "weight": 1, "needs": ["clock"], "about": text,
        "why": text, "fix": text, "params": {"limit": {"default": 1, "help": text}},
    }  # fmt: skip
    cases = {f"a case {text}": {"talk": f"09:00 customer Ann: {text}", "finds": []}}
    (place / "check.yaml").write_text(json.dumps(about), "utf-8")
    (place / "check.py").write_text("def run(talk, params):\n    return iter(())\n", "utf-8")
    (place / "cases.yaml").write_text(json.dumps({"cases": cases}), "utf-8")
    return place


def explained(payload: Payload, folder: Path) -> str:
    with adding([own_check(payload, folder)]):
        return explain.explain_page("own-check")


def listed(payload: Payload, folder: Path) -> str:
    with adding([own_check(payload, folder)]):
        return explain.checks_page()


def measured(payloads: Sequence[Payload], folder: Path) -> Calibration:
    """A sheet whose reviewer saw nothing that we found, and labelled conversations that the export does not hold."""
    paths, judging = (
        [export(payload, folder) for payload in payloads],
        ScanSettings(jobs=1, reading=Reading()),
    )
    header, *rows = csv.reader(io.StringIO(sample(paths, judging).sheet[1:], newline=""))
    rows = [[cell or "no" for cell in row] for row in rows]
    rows += [[encodable(payload.at("other")), *rows[0][1:]] for payload in payloads]
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    sheet = folder / "labels.csv"
    sheet.write_text(out.getvalue(), "utf-8", newline="")
    return calibrate(read_labels([sheet]), population_of(paths, judging), 0.9)


def notebook(payload: Payload, folder: Path) -> str:
    return render_notebook(read_report(result(payload, folder)))
