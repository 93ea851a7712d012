"""Every payload in what the smaller commands print and write, errors among it, each read back by somebody else."""

import json
import sys
from pathlib import Path

import pytest
from tests.security import pages, sinks
from tests.security.export import AT_ONCE, audited
from tests.security.payloads import PAYLOADS

from supportaudit import cli
from supportaudit.auditing.intake import Reading
from supportaudit.auditing.scan import ScanSettings
from supportaudit.calibration.sample import sample
from supportaudit.errors import UserError
from supportaudit.model import Rejected
from supportaudit.pages import calibration
from supportaudit.read.rejects import RejectFile
from supportaudit.render.html import render_html
from supportaudit.render.json_report import render_json
from supportaudit.results.dossier import ALL
from supportaudit.results.readback import read_report

PAGES: dict[str, tuple[pages.Page, sinks.Sink, str]] = {
    "inspect": (pages.inspected, sinks.text, "id"),
    "inspect a table": (pages.inspected_table, sinks.text, "time"),
    "init": (pages.settings, sinks.settings, "priority"),
    "init of a table": (pages.settings_of_table, sinks.settings, "column"),
    "compare": (pages.compared, sinks.text, "check"),
    "compare as JSON": (pages.compared_json, sinks.json_document, "check"),
    "config": (pages.configured, sinks.text, "agent"),
    "config as JSON": (pages.configured_json, sinks.json_document, "agent"),
    "explain": (pages.explained, sinks.text, "check"),
    "checks": (pages.listed, sinks.text, "check"),
    "notebook": (pages.notebook, sinks.fragment, "check"),
}
"""How a page is made and read back, and the field that it must show."""

REFUSED = {
    "inspect a table": 3, "init of a table": 5,  # control characters in a header are of no text export
    "explain": 30, "checks": 30,  # a check says nothing that cannot be shown
    "config": 1, "config as JSON": 1,
}  # fmt: skip
"""Pages that some payloads cannot get into, in how many cases at most: a sentence says so."""


@pytest.mark.parametrize("name", PAGES)
def test_no_payload_acts_on_a_page_and_each_is_there_to_read(name: str, tmp_path: Path) -> None:
    make, read, field = PAGES[name]
    refused = 0
    for number, payload in enumerate(PAYLOADS):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            made = make(payload, folder)
        except UserError as error:
            refused += 1
            assert "\n" not in error.message
            continue
        strings = read(made.encode("utf-8", "replace"))
        assert payload.word(field) in "".join(strings).replace(" ", ""), payload.name
    assert refused <= REFUSED.get(name, 0)


def test_no_payload_acts_on_the_page_of_calibrate(tmp_path: Path) -> None:
    for number in range(0, len(PAYLOADS), AT_ONCE):
        folder = tmp_path / str(number)
        folder.mkdir()
        some = PAYLOADS[number : number + AT_ONCE]
        found = pages.measured(some, folder)
        assert found.unknown
        sinks.text(calibration.text_page(found).encode("utf-8", "replace"))
        read = "".join(sinks.json_document(calibration.json_page(found).encode("utf-8")))
        assert [p.name for p in some if p.word("id") not in read or p.word("other") not in read] == []


def test_no_cell_of_a_sheet_to_label_computes(tmp_path: Path) -> None:
    drawn = sample(
        [pages.export(p, tmp_path) for p in PAYLOADS], ScanSettings(jobs=1, reading=Reading()), n=500
    )
    read = "".join(sinks.table(drawn.sheet.encode("utf-8", "replace"), many_lines=True))
    shown = ("id", "channel", "author", "agent", "comment")
    assert [p.name for p in PAYLOADS for field in shown if p.word(field) not in read] == []


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_rejected_rows_are_kept_as_they_were_and_do_nothing(ending: str, tmp_path: Path) -> None:
    """In a table and in JSON lines; whatever a reader takes for the end of a line, there is one row a line."""
    path = tmp_path / f"rejected.{ending}"
    texts = {payload.name: payload.at("cell") for payload in PAYLOADS}
    with RejectFile(path) as rejected:
        for name, text in texts.items():
            rejected(Rejected(text, 1, f"{text}: cannot be used"), [name, text])
    written = path.read_bytes()
    if ending == "csv":
        cells = sinks.table("\ufeff".encode() + written, many_lines=True)
        rows = [json.loads(cell) for cell in cells[7::4]]
    else:
        sinks.ndjson(written)
        rows = [json.loads(line)["row"] for line in written.decode().splitlines()]
    assert dict(rows) == texts


def test_a_page_made_from_a_result_is_as_safe_as_one_made_from_the_export(tmp_path: Path) -> None:
    """Who got the result may have changed it: it is foreign, too."""
    for number in range(0, len(PAYLOADS), 4 * AT_ONCE):
        made = json.loads(render_json(audited([pages.export(PAYLOADS[0], tmp_path)])))
        finding = made["findings"][0]
        made["findings"] = [
            finding
            | {key: pages.encodable(p.at(key)) for key in ("conversation_id", "quote", "reason", "agent")}
            for p in PAYLOADS[number : number + 4 * AT_ONCE]
        ]
        path = tmp_path / "result.json"
        path.write_text(json.dumps(made), "utf-8")
        page = render_html(read_report(path), kept=ALL)
        read = "".join(sinks.html(page.encode("utf-8", "replace")))
        assert [p.name for p in PAYLOADS[number : number + 4 * AT_ONCE] if p.word("quote") not in read] == []


def test_no_payload_acts_in_what_is_said_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and exit code 2, or a word on what was done; names of files and all that was typed stand in it."""
    monkeypatch.chdir(tmp_path)

    def heard(*arguments: object) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["supportaudit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr().err
        sinks.text(said.encode("utf-8", "replace"))
        assert "Traceback" not in said
        return end.value.code, said

    for number in range(0, len(PAYLOADS), AT_ONCE):
        folder = tmp_path / str(number)
        folder.mkdir()
        some = PAYLOADS[number : number + AT_ONCE]
        typed = " ".join(payload.at("typed").replace("\0", "") for payload in some)
        exports = [pages.export(payload, folder) for payload in some]
        wrong = folder / "wrong.yaml"
        wrong.write_text(json.dumps({"limits": {some[0].at("key"): "5 min"}}), "utf-8")
        for arguments in (
            ("scan", f"missing {typed}"),
            ("scan", exports[0], "--select", f"no {typed}"),
            ("scan", exports[0], "--tz", f"no {typed}"),
            ("scan", exports[0], "--map", f"text=no {typed}"),
            ("scan", exports[0], "--config", wrong),
            ("explain", f"no {typed}"),
            ("compare", exports[0], exports[-1]),
        ):
            code, said = heard(*arguments)
            assert code == 2, (arguments, said)
        for export in exports:
            assert heard("init", export, "-o", folder / f"{export.name}.yaml")[0] == 0
        history = folder / f"{exports[0].name}.db"
        assert heard("scan", *exports, "-j", 1, "--history", history)[0] == 0
