"""Tables: dialects, faults of rows, columns and their mapping."""

import csv
import io
import time
from pathlib import Path
from typing import Any

import pytest

from supportaudit.errors import InputError, SettingsError
from supportaudit.model import Row
from supportaudit.read import Export, ReadOptions, open_export

DATA = Path(__file__).parent / "data"
HEAD = "Ticket ID,From,Message,Date\n"


def read(
    tmp_path: Path, content: str | bytes, name: str = "a.csv", **options: Any
) -> tuple[Export, list[Row]]:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    export = open_export(path, ReadOptions(**options), 3)
    rows = [row for row in export.rows() if row.kind != "gap"]
    assert export.rows_read == export.rows_used + export.rows_rejected + export.rows_not_messages
    return export, rows


def refusal(tmp_path: Path, content: str | bytes, name: str = "a.csv", **options: Any) -> str:
    with pytest.raises((InputError, SettingsError)) as error:
        read(tmp_path, content, name, **options)
    return f"{error.value.message} {error.value.hint}"


def test_a_plain_table(tmp_path: Path) -> None:
    export, rows = read(tmp_path, HEAD + "t1,Ana <ana@example.com>,hello,2026-01-02T03:04:05Z\n")
    row = rows[0]
    assert (row.conversation_id, row.text, row.at) == ("t1", "hello", 1767323045.0)
    assert (row.author_name, row.author_email) == ("Ana", "ana@example.com")
    assert (row.line, row.message_id, row.file) == (2, "2", 3)
    assert export.source == "generic CSV"
    assert export.encoding == "utf-8"
    assert export.mapping == {
        "conversation_id": "Ticket ID", "author_name": "From", "text": "Message", "at": "Date"
    }  # fmt: skip
    assert [row for row in export.rows() if row.kind != "gap"] == rows, "a second reading starts afresh"
    assert export.rows_read == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_dialects_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = (HEAD + 't1,Ana,"one, two; three | four",\n').replace(",", delimiter)
    _, rows = read(tmp_path, text.encode(encoding))
    assert rows[0].text == "one, two; three | four".replace(",", delimiter)


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "Où est ma commande ? Déjà réclamée à l’équipe « clients » : rien reçu, très déçu."),
        ("cp1251", "Где мой заказ? Я уже третий раз пишу вам, и никто не отвечает на мои письма."),
        ("cp1253", "Πού είναι η παραγγελία μου; Έχω γράψει ήδη τρεις φορές και δεν απαντά κανείς."),
    ],
)
def test_a_guessed_encoding_is_said(tmp_path: Path, encoding: str, words: str) -> None:
    export, rows = read(tmp_path, (HEAD + f't1,Ana,"{words}",\n' * 5).encode(encoding))
    assert rows[0].text == words
    assert any("guess" in note for note in export.notes)


def test_a_few_bad_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    data = (HEAD + "t1,Zoë,déjà vu\n" * 50).encode() + b"t2,Ana,caf\xe9\n"
    export, rows = read(tmp_path, data)
    assert (rows[0].text, rows[-1].text) == ("déjà vu", "caf\ufffd")
    assert any("not valid UTF-8" in note for note in export.notes)


def test_lines_are_exact_with_newlines_in_quotes_and_blank_lines(tmp_path: Path) -> None:
    _, rows = read(tmp_path, HEAD + 't1,Ana,"a\n\nb",\n\n  \nt2,Ana,c,\nt3,"x\ny",d,\n')
    assert [(row.conversation_id, row.line) for row in rows] == [("t1", 2), ("t2", 7), ("t3", 8)]
    assert rows[0].text == "a\n\nb"


def test_ragged_rows(tmp_path: Path) -> None:
    export, rows = read(tmp_path, HEAD + "t1,Ana,short\nt2,Ana,long,,\nt3,Ana,too,,much\n,,,\nt4\n")
    assert [row.conversation_id for row in rows] == ["t1", "t2"]
    assert export.rows_not_messages == 1
    assert [(r.line, r.reason) for r in export.rejected] == [
        (4, "more fields than the header: 5 where 4 were expected"),
        (6, "neither text nor author"),
    ]


def test_an_open_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    """Wherever the quote ends: at the end of the file, at the next quote, or after thousands of rows."""
    swallowed = "".join(f"t{n},Ana,hello,\n" for n in range(10, 3000))
    for tail in ("", 't8,Ana,"quoted, twice",\n', swallowed, swallowed + 't8,Ana,"quoted",\n'):
        text = HEAD + 't1,Ana,ok,\nt2,Ana,"never closed\nat all,\nt3,Ana,kept,\n' + tail
        export, rows = read(tmp_path, text)
        assert [row.conversation_id for row in rows][:2] == ["t1", "t3"]
        assert len(rows) == 2 + tail.count("\n")
        assert [(row.line, row.text) for row in rows][1] == (5, "kept")
        assert [(r.line, r.reason) for r in export.rejected] == [
            (3, "a quote is not closed: lines 3 to 4 are in it")
        ]


def test_an_open_quote_with_nothing_like_a_row_after_it_is_one_row(tmp_path: Path) -> None:
    export, rows = read(tmp_path, HEAD + 't1,Ana,ok,\nt2,Ana,"never closed,\nDear all, how are you?\nBye,\n')
    assert len(rows) == 1
    assert [(r.line, r.reason) for r in export.rejected] == [
        (3, "a quote is not closed before the end of the file: lines 3 to 5 are in it")
    ]


def test_a_quote_that_swallows_thousands_of_rows_and_is_closed(tmp_path: Path) -> None:
    swallowed = "".join(f"t{n},Ana,hello,\n" for n in range(3000))
    export, rows = read(tmp_path, HEAD + 't1,Ana,"open,\n' + swallowed + '",\nt9,Ana,after,\n')
    assert len(rows) == 3001
    assert [r.line for r in export.rejected] == [2, 3003]


def test_rows_that_a_customer_quotes_stay_in_the_letter(tmp_path: Path) -> None:
    rows = [
        *(["t1", "Ana", "ok", ""], ["t2", "Bo", "You sent:\nt7,Ana,hello,\nt8,Ana,bye,\nWhat is that?", ""]),
        *(["t3", "Ana", 'She wrote "t1,Ana,ok,"', ""],),
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    _, got = read(tmp_path, HEAD + text.getvalue())
    assert [row.text for row in got] == [row[2] for row in rows]


def test_titles_above_the_header_are_passed_over_and_told(tmp_path: Path) -> None:
    for head in ("Tickets of May\n", "Tickets of May\n\nshop.example\n", "Tickets of May,,,\n,,,\n"):
        export, rows = read(tmp_path, head + HEAD + "t1,Ana,hello,\n")
        assert [(row.conversation_id, row.line) for row in rows] == [("t1", head.count("\n") + 2)]
        assert any("above the header were passed over: Tickets of May" in note for note in export.notes)
        assert export.rows_read == 1


@pytest.mark.parametrize(
    "footer",
    [
        "\nGrand Totals (2 records)\n\nConfidential Information - Do Not Distribute\nCopyright (c) 2000-2024 Acme\n",
        "Total\n",
        ",,,\nMade by Acme Desk,,,\n,,,\n",
        '"",,,\n"Acme","","",""\n"Generated by: Ana","","",""\n',
    ],
)
def test_the_footer_of_a_report_is_no_message(tmp_path: Path, footer: str) -> None:
    export, rows = read(tmp_path, HEAD + "t1,Ana,hello,\nt2,Ana,bye,\n" + footer)
    assert len(rows) == 2
    assert export.rows_rejected == 0
    assert export.rows_not_messages == sum(1 for line in footer.split("\n") if line)


def test_lonely_cells_inside_a_table_or_cut_off_at_its_end_are_rejected(tmp_path: Path) -> None:
    export, _ = read(tmp_path, HEAD + "t1,Ana,hello,\nTotal\nt2,Ana,bye,\nt3")
    assert [(r.line, r.reason) for r in export.rejected] == [
        (3, "neither text nor author"),
        (5, "neither text nor author"),
    ]


def test_tables_one_after_another_repeat_the_header(tmp_path: Path) -> None:
    table = HEAD + "t1,Ana,hello,\n"
    export, rows = read(tmp_path, table + "\ufeff" + table)
    assert len(rows) == 2
    assert (export.rows_read, export.rows_not_messages) == (3, 1)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('"=""00123"""', "00123"),
        ('="00123"', "00123"),
        ("'00123", "00123"),
        ("'+4930123", "+4930123"),
        ("'-5", "-5"),
        ("'@bob", "@bob"),
        ("'tis", "'tis"),
        ("'t1'", "'t1'"),
        ("'90s style", "'90s style"),
        ("=SUM(A1)", "=SUM(A1)"),
    ],
)
def test_guards_against_formulas_are_taken_off(tmp_path: Path, cell: str, meant: str) -> None:
    _, rows = read(tmp_path, HEAD + f"{cell},Ana,{cell},\n")
    assert (rows[0].conversation_id, rows[0].text) == (meant, meant)


@pytest.mark.parametrize(
    ("ids", "meant"),
    [
        (["14,251,426", "14,251,427", "999"], ["14251426", "14251427", "999"]),
        (["1,234", "5", "6"], ["1,234", "5", "6"]),
        (["1,234,567", "A-7", "2,345,678"], ["1,234,567", "A-7", "2,345,678"]),
        (["12,34", "12,345", "12,345"], ["12,34", "12,345", "12,345"]),
        (["5021.0", "5022.0", "5021.0"], ["5021", "5022", "5021"]),
        (["5021.0", "5022.5", "5021.0"], ["5021.0", "5022.5", "5021.0"]),
    ],
)
def test_ids_that_a_spreadsheet_wrote_as_numbers(tmp_path: Path, ids: list[str], meant: list[str]) -> None:
    body = "".join(f'"{one}",Ana,"1,234",\n' for one in ids)
    _, rows = read(tmp_path, HEAD + body)
    assert [row.conversation_id for row in rows] == meant
    assert {row.text for row in rows} == {"1,234"}, "only ids are touched"


def test_a_cell_of_ten_megabytes_and_a_letter_of_many_lines(tmp_path: Path) -> None:
    letter = "a line, of prose\n" * 600_000
    _, rows = read(tmp_path, HEAD + f't1,Ana,"{letter}",\nt2,Ana,{"x" * 10_000_000},\n')
    assert [len(row.text) for row in rows] == [len(letter), 10_000_000]


def test_nul_characters_are_left_out(tmp_path: Path) -> None:
    export, rows = read(tmp_path, HEAD + "t1,Ana,he\0llo,\n")
    assert rows[0].text == "hello"
    assert any("NUL" in note for note in export.notes)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("excel_sep_line.csv", "hello; there"),
        ("backslash_escapes.csv", 'she said "no", twice'),
        ("space_after_comma.csv", "well, then"),
        ("old_mac_line_ends.csv", "hello"),
        ("comma_at_line_ends.csv", "hello"),
    ],
)
def test_dialects_of_other_programs(file: str, text: str) -> None:
    export = open_export(DATA / file)
    rows = list(export.rows())
    assert [row.text for row in rows] == [text, "second"]
    assert export.rows_rejected == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (HEAD.encode(), "has a header but no rows"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 10, "binary"),
        (b"hello world\nthis is prose\n", "no column tells"),
        (b'"ticket"', "has a header but no rows"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(tmp_path, content)


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "folder"),
        (tmp_path / "none.csv", "No such file"),
        (Path("/dev/null"), "device"),
    ):
        with pytest.raises(InputError, match=words):
            open_export(path)
    with pytest.raises(InputError):
        open_export(Path("a\0b"))


@pytest.mark.parametrize(
    ("header", "field", "column"),
    [
        ("Case Number,sender type,Body", "role", "sender type"),
        ("thread-id,DIRECTION,msg", "inbound", "DIRECTION"),
        ("Conversation ID,Is Inbound,Content", "inbound", "Is Inbound"),
        ("ticket,user,comment,user id", "author_id", "user id"),
        ("ticket,author,comment,user id", "customer_id", "user id"),
        ("ticket,role,comment,agent name", "assignee", "agent name"),
        ("ticket,agent name,comment,x", "author_name", "agent name"),
        ("ticket,From,text,body", "text", "text"),
        ("ticket,From,html_body,x", "html", "html_body"),
        ("ticket,From,text,time,created_at", "at", "created_at"),
        ("ticket,From,text,Time,Date", "at", "Date+Time"),
        ("id,ticket,From,text", "message_id", "id"),
        ("Tïcket_ID,From,text", "conversation_id", "Tïcket_ID"),
        ("ParentId,Incoming,FromName,TextBody", "conversation_id", "ParentId"),
        ("ticket,From,text,requester_id,customer email", "customer_id", "requester_id"),
    ],
)
def test_columns_are_known_by_exact_synonyms(tmp_path: Path, header: str, field: str, column: str) -> None:
    export, _ = read(tmp_path, header + "\n" + ",".join("1" for _ in header.split(",")[:2]) + "\n")
    assert export.mapping[field] == column


def test_a_date_and_a_time_column_are_joined(tmp_path: Path) -> None:
    export, rows = read(
        tmp_path, "ticket,from,text,date,time\nt,a,b,2026-01-02,03:04:05\nt,a,b,2026-01-02,\n"
    )
    assert [row.at for row in rows] == [1767323045.0, 1767312000.0]
    assert any("no zone" in note for note in export.notes)
    export, rows = read(tmp_path, "ticket,from,text,d,t\nt,a,b,2026-01-02,03:04:05\n", mapping={"at": "d+t"})
    assert rows[0].at == 1767323045.0


def test_missing_columns_are_named_with_the_map_to_type(tmp_path: Path) -> None:
    said = refusal(tmp_path, "Vorgang,Wer,Was\n1,2,3\n")
    assert "Vorgang, Wer, Was" in said
    assert "--map conversation_id=COLUMN,text=COLUMN,role=COLUMN" in said
    _, rows = read(
        tmp_path,
        "Vorgang,Wer,Was\n1,2,3\n",
        mapping={"conversation_id": "Vorgang", "text": "Was", "role": "Wer"},
    )
    assert (rows[0].conversation_id, rows[0].role, rows[0].text) == ("1", "2", "3")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Ticket ID,ticket_id,From,Text", "--map conversation_id='Ticket ID'"),
        ("Ticket,Text,Text,From", "its own name"),
    ],
)
def test_a_tie_for_a_needed_column_is_refused(tmp_path: Path, header: str, words: str) -> None:
    assert words in refusal(tmp_path, header + "\n1,2,3,4\n")


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"txt": "Message"}, "Did you mean text?"),
        ({"text": "Mesage"}, "Did you mean Message?"),
        ({"text": "zzz"}, "Known are: Ticket ID, From"),
    ],
)
def test_a_wrong_map_is_refused(tmp_path: Path, mapping: dict[str, str], words: str) -> None:
    assert words in refusal(tmp_path, HEAD + "t,a,b,\n", mapping=mapping)


def test_a_wrong_zone_is_refused_on_opening(tmp_path: Path) -> None:
    assert "Europe/Athens" in refusal(tmp_path, HEAD + "t,a,b,\n", tz="Europe/Athen")


@pytest.mark.parametrize(
    ("header", "cell", "inbound", "public"),
    [
        ("direction", "Incoming", True, None),
        ("direction", "out", False, None),
        ("is_inbound", "FALSE", False, None),
        ("from_agent", "true", False, None),
        ("public", "no", None, False),
        ("private", "true", None, False),
        ("internal", "0", None, True),
        ("visibility", "agents", None, False),
        ("is_note", "maybe", None, None),
    ],
)
def test_flags(tmp_path: Path, header: str, cell: str, inbound: bool | None, public: bool | None) -> None:
    _, rows = read(tmp_path, f"ticket,from,text,{header}\nt,Ana,hi,{cell}\n")
    assert (rows[0].inbound, rows[0].public) == (inbound, public)


def test_words_of_direction_in_a_role_and_roles_in_an_author(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "ticket,role,text\nt,outgoing,a\nt,agent,b\n")
    assert [(row.role, row.inbound) for row in rows] == [("outgoing", False), ("agent", None)]
    _, rows = read(tmp_path, "ticket,from,text\nt,Customer,a\nt,Ana,b\n")
    assert [row.role for row in rows] == ["Customer", ""]


def test_ids_damaged_by_a_spreadsheet_are_refused(tmp_path: Path) -> None:
    content = "ticket,from,text,customer id\n1.02938E+12,Ana,a,1\n7,Ana,b,4.1E+10\nA+B,Ana,c,2\n"
    export, rows = read(tmp_path, content)
    assert [(row.conversation_id, row.customer_id) for row in rows] == [("7", ""), ("A+B", "2")]
    assert "damaged by a spreadsheet" in export.rejected[0].reason
    assert "format the column as text" in export.rejected[0].reason
    assert any("1 customer ids" in note for note in export.notes)


def test_times_that_cannot_be_read_reject_their_row_only(tmp_path: Path) -> None:
    export, rows = read(tmp_path, HEAD + "t,a,b,soon\x07\nt,a,c,\nt,a,d,2026-01-02\n")
    assert [row.at for row in rows] == [None, 1767312000.0]
    assert export.rejected[0].reason == 'the time cannot be read: "soon\\x07"'
    assert export.reject_reasons == {"the time cannot be read": 1}


def test_no_time_column_is_said(tmp_path: Path) -> None:
    export, rows = read(tmp_path, "ticket,from,text,extra\nt,a,b,c\n")
    assert rows[0].at is None
    assert any("No column tells the time" in note for note in export.notes)
    assert any("not used: extra" in note for note in export.notes)


def test_order_of_day_and_month(tmp_path: Path) -> None:
    assert "two ways" in refusal(tmp_path, HEAD + "t,a,b,03/04/2026\n")
    _, rows = read(tmp_path, HEAD + "t,a,b,03/04/2026\n", day_first=True)
    assert rows[0].at == 1775174400.0
    export, rows = read(tmp_path, HEAD + "t,a,b,03/04/2026\nt,a,b,31/01/2026\n")
    assert rows[0].at == 1775174400.0
    assert any("day first" in note and "line 3" in note for note in export.notes)


def test_html_is_used_where_there_is_no_text(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "ticket,from,text,html\nt,a,,<p>hi</p>\nt,a,plain,<p>x</p>\n")
    assert [(row.text, row.is_html) for row in rows] == [("<p>hi</p>", True), ("plain", False)]


def test_only_a_thousand_rejected_rows_are_kept_but_all_are_counted(tmp_path: Path) -> None:
    export, _ = read(tmp_path, HEAD + ",a,b,\n" * 1500)
    assert (export.rows_rejected, len(export.rejected)) == (1500, 1000)
    assert export.reject_reasons == {"no conversation id": 1500}


def test_a_file_that_goes_away_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "t,a,b,\n")
    export = open_export(path)
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        list(export.rows())


def test_fifty_thousand_rows_take_no_more_than_a_moment(tmp_path: Path) -> None:
    body = "".join(f"t{n // 8},Ana,hello number {n},2026-01-02T03:04:05Z\n" for n in range(50_000))
    began = time.perf_counter()
    _, rows = read(tmp_path, HEAD + body)
    assert len(rows) == 50_000
    assert time.perf_counter() - began < 5, "some 0.2 s on an idle core"
