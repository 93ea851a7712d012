"""The same message met twice: exports overlap, and a week may lie in two files."""

from collections.abc import Sequence

from supportaudit.model import Row, RowKind


def distinct(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The rows of one customer without repetitions, first met first kept, and how many records were left out.

    A row repeats another of its conversation if both bear the same id and say the same at the same time (in two
    files the same id with the same time or text is enough), or if, in two files, the same author wrote the same
    words at the same time.
    """
    by_id: dict[tuple[str, str], Row] = {}
    by_words: dict[tuple[str, float, str, str], int] = {}
    kept: list[Row] = []
    left_out = 0
    for row in rows:
        if row.kind in (RowKind.FACTS, RowKind.GAP):
            kept.append(row)
            continue
        other = by_id.setdefault((row.conversation_id, row.message_id), row)
        if other is not row and _repeats(row, other):
            left_out += _stands_alone(row)
            continue
        if row.at is not None and not row.event and row.kind != RowKind.OPENING:
            words = (row.conversation_id, row.at, row.author_id or row.author_name, row.text)
            if by_words.setdefault(words, row.file) != row.file:
                left_out += 1
                continue
        kept.append(row)
    return kept, left_out


def _stands_alone(row: Row) -> bool:
    """Whether a row was counted as a record; of an event beside its message only the message is."""
    return not row.event or not row.message_id.endswith(f"/{row.event}")


def _repeats(row: Row, other: Row) -> bool:
    if row.file == other.file:
        return row.at == other.at and row.text == other.text and row.event == other.event
    return (row.at == other.at and row.at is not None) or row.text == other.text
