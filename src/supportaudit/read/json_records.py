"""Messages out of JSON records: flat, one a record, or nested in conversations."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from supportaudit.errors import InputError
from supportaudit.model import Row
from supportaudit.read import mapping
from supportaudit.read.account import RowFaultError, Tally, listed
from supportaudit.read.build import ReadOptions, gap, make_builder
from supportaudit.read.json_shapes import (
    JsonDocument,
    Records,
    find_records,
    follow,
    is_message,
    message_list,
    paths_of,
)
from supportaudit.read.timestamps import Order, from_number, settle_order

Path = tuple[str, ...]
Plan = list[tuple[int, tuple[Path, ...]]]
"""For each field (by its index in FIELDS) the paths it may stand at, best first."""

_SAMPLE = 2000
_MAX_PATHS = 2000
_INDEX = {name: index for index, name in enumerate(mapping.FIELDS)}
_AT, _TEXT, _HTML, _CONVERSATION = (_INDEX[n] for n in ("at", "text", "html", "conversation_id"))
_IDS = frozenset(_INDEX[name] for name in ("conversation_id", "message_id", "author_id", "customer_id"))
# Of these the conversation's word stands over the message's.
_CONVERSATION_FIRST = frozenset(_INDEX[name] for name in ("conversation_id", "customer_id", "customer_name"))
# Where some vendors keep the first message, outside the list (Zendesk repeats it there).
_OPENINGS = frozenset(("body", "description", "descriptiontext", "sourcebody"))
_KINDS = frozenset(("type", "kind", "parttype"))
# Looked for even if no record of the sample has them: what is rare comes late.
_RARE = {"language": (("language",), ("lang",)), "truncated": (("truncated",), ("is_truncated",))}


def open_json(document: JsonDocument, options: ReadOptions, file_index: int) -> "JsonSource":
    """The messages of a JSON document. Raises InputError or SettingsError if they cannot be told."""
    mapping.check_fields(options.mapping)
    return JsonSource(find_records(document), document.container.name, options, file_index)


class _Columns:
    """The paths seen in a sample of records."""

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}

    def add(self, record: dict[str, object], but: str = "") -> None:
        if len(self.paths) < _MAX_PATHS:
            self.paths.update((name, path) for name, path in paths_of(record) if name != but)

    def deep(self, records: Sequence[dict[str, object]], column: str) -> bool:
        """Whether the user's path leads somewhere in a record; remembers it if it does."""
        path = tuple(column.split("."))
        if column not in self.paths and any(follow(record, path) is not None for record in records):
            self.paths[column] = path
        return column in self.paths


class JsonSource:
    """Rows of a JSON file of any of the shapes."""

    def __init__(self, records: Records, where: str, options: ReadOptions, file_index: int) -> None:
        self._records = records
        self._where = where
        self._options = options
        self._file = file_index
        self._list = ""
        sample = [value for _, value in islice(records.items(), _SAMPLE) if isinstance(value, dict)]
        if not sample:
            self._refuse()
        self._nested = _is_nested(sample)
        kind = "messages nested in conversations" if self._nested else "one message a record"
        self.source = f"{records.shape}, {kind}"
        self.mapping: dict[str, str] = {}
        self.notes: list[str] = list(records.notes)
        self._outer: Plan = []
        self._inner: Plan = []
        self._settle_columns(sample)
        if records.by_number:
            self.notes.append("Places in this file are numbers of records, not lines.")
        day_first = options.day_first
        if day_first is None:
            order = self._settle_order()
            day_first = order.day_first
            if order.note:
                self.notes.append(order.note)
        self.day_first = day_first
        self._inverted = {
            name
            for name, words in mapping.INVERTED.items()
            if mapping.normalise(self.mapping.get(name, "").rpartition("[].")[2]) in words
        }
        self._builder = make_builder(options, day_first, self._inverted, file_index)

    def _refuse(self) -> None:
        line, first = next(self._records.items(), (1, None))
        why = f"; line {line} is {first.kind}: {first.detail}" if isinstance(first, RowFaultError) else ""
        raise InputError(f"{self._where} holds no record that is an object{why}.", "Export it again as JSON.")

    def _settle_columns(self, sample: list[dict[str, object]]) -> None:
        """Decide which path fills which field, for conversations and for messages."""
        outer, inner = _Columns(), _Columns()
        messages: list[dict[str, object]] = []
        lists: Counter[str] = Counter()
        for record in sample:
            found = message_list(record) if self._nested else ("", [record])
            if found is None:
                continue
            if self._nested:
                lists[found[0]] += 1
                outer.add(record, found[0])
            room = max(_SAMPLE - len(messages), 0)
            messages.extend(message for message in found[1][:room] if isinstance(message, dict))
        for message in messages:
            inner.add(message)
        self._list = lists.most_common(1)[0][0] if lists else ""
        outer_fixed, inner_fixed = self._fix(outer, inner, sample, messages)
        of_message = mapping.propose(list(inner.paths), fixed=inner_fixed, every=True)
        of_conversation = mapping.Proposal()
        if self._nested:
            of_conversation = mapping.propose(
                list(outer.paths),
                mapping.CONVERSATION_SYNONYMS, outer_fixed, every=True,
            )  # fmt: skip
            for name in outer_fixed:
                of_message.columns.pop(name, None)
            for name in inner_fixed:
                of_conversation.columns.pop(name, None)
        self._require(of_message, of_conversation, inner, outer)
        self._outer = _plan(of_conversation, outer, bool(self._nested))
        self._inner = _plan(of_message, inner, True)
        self._describe(of_message, of_conversation, inner, outer)

    def _fix(
        self, outer: _Columns, inner: _Columns,
        records: list[dict[str, object]], messages: list[dict[str, object]],
    ) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
        """The user's `--map`, told apart by where the path leads: (conversation's, message's)."""
        of_outer: dict[str, str] = {}
        of_inner: dict[str, str] = {}
        for name, given in self._options.mapping.items():
            prefix, _, rest = given.rpartition("[].")
            column = rest or given
            in_inner = inner.deep(messages, column)
            in_outer = not prefix and self._nested and outer.deep(records, column)
            if in_outer and (not in_inner or name in mapping.CONVERSATION_SYNONYMS):
                of_outer[name] = column
            elif in_inner:
                of_inner[name] = column
            else:
                mapping.check_column(name, column, [*inner.paths, *outer.paths])
        return of_outer, of_inner

    def _require(
        self, message: mapping.Proposal, conversation: mapping.Proposal, inner: _Columns, outer: _Columns
    ) -> None:
        if not inner.paths:
            return  # conversations without a single message: nothing to map, and all will be counted
        both = mapping.Proposal({**conversation.columns, **message.columns})
        names = [*outer.paths, *(f"{self._list}[].{name}" if self._list else name for name in inner.paths)]
        mapping.require(both, names, self._where, ("conversation_id", "text", "author"))

    def _describe(
        self, message: mapping.Proposal, conversation: mapping.Proposal, inner: _Columns, outer: _Columns
    ) -> None:
        for name in mapping.FIELDS:
            of_message, of_conversation = message.columns.get(name), conversation.columns.get(name)
            if of_conversation and (_INDEX[name] in _CONVERSATION_FIRST or not of_message):
                self.mapping[name] = of_conversation[0]
            elif of_message:
                self.mapping[name] = f"{self._list}[].{of_message[0]}" if self._list else of_message[0]
        if "clock" in self.mapping:
            self.mapping["at"] += "+" + self.mapping.pop("clock")
        if "at" not in self.mapping:
            self.notes.append("No field tells the time of a message: checks that need a clock do not apply.")
        if outside := [name for name in outer.paths if mapping.normalise(name) in _OPENINGS]:
            self.notes.append(f"Text of conversations that was not read as a message: {listed(outside)}.")
        used = {column for columns in message.columns.values() for column in columns}
        if unused := [name for name in inner.paths if name not in used]:
            self.notes.append(f"Fields of messages not used: {listed(unused)}.")

    def _settle_order(self) -> Order:
        paths = next((paths for index, paths in self._inner if index == _AT), ())

        def stamps() -> Iterator[tuple[int, str]]:
            for line, messages in self._messages():
                for message in messages:
                    for path in paths:
                        value = follow(message, path)
                        if isinstance(value, str) and value:
                            yield line, value.strip()
                            break

        return settle_order(stamps(), self._where)

    def _messages(self) -> Iterator[tuple[int, list[object]]]:
        for line, value in self._records.items():
            if isinstance(value, dict):
                if not self._nested:
                    yield line, [value]
                elif (found := message_list(value)) is not None:
                    yield line, found[1]

    def rows(self, tally: Tally) -> Iterator[Row]:
        """Every usable message in file order."""
        self._builder = make_builder(self._options, self.day_first, self._inverted, self._file)
        empty = [""] * len(mapping.FIELDS)
        for line, value in self._records.items():
            if not isinstance(value, dict):
                tally.read += 1
                if isinstance(value, RowFaultError):
                    tally.reject(line, value.kind, value.detail)
                else:
                    tally.reject(line, "a record that is not an object", _type_name(value), value)
            elif self._nested:
                yield from self._conversation(value, line, tally)
            else:
                tally.read += 1
                row = self._row(value, empty, line, "", tally)
                if row is not None:
                    yield row

    def _conversation(self, record: dict[str, object], line: int, tally: Tally) -> Iterator[Row]:
        found = message_list(record)
        fault = None if found is not None else RowFaultError("a conversation without a list of messages")
        base = [""] * len(mapping.FIELDS)
        try:
            _fill(base, self._outer, record)
        except RowFaultError as error:
            fault = fault or error
        if found is not None and fault is None and found[1] and not base[_CONVERSATION]:
            fault = None if self._told_inside(found[1]) else RowFaultError("no conversation id")
        if found is None or fault is not None or not found[1]:
            tally.read += 1
            if fault is not None:
                tally.reject(line, fault.kind, fault.detail, record)
            else:
                tally.not_messages += 1
            return
        for number, message in enumerate(found[1], 1):
            tally.read += 1
            if not isinstance(message, dict):
                tally.reject(line, "a message that is not an object", _type_name(message), message)
                continue
            row = self._row(message, base, line, str(number), tally)
            if row is not None:
                yield row

    def _told_inside(self, messages: list[object]) -> bool:
        """Whether a message names the conversation its record does not name."""
        paths = next((paths for index, paths in self._inner if index == _CONVERSATION), ())
        return any(follow(message, path) not in (None, "") for message in messages for path in paths)

    def _row(
        self, message: dict[str, object], base: list[str], line: int, number: str, tally: Tally
    ) -> Row | None:
        cells = base.copy()
        try:
            at = _fill(cells, self._inner, message)
            if number and not cells[1]:
                cells[1] = number
            row = self._builder.build(tuple(cells), line, at)
        except RowFaultError as fault:
            tally.reject(line, fault.kind, fault.detail, message)
            conversation = cells[_CONVERSATION].strip()
            return gap(conversation, line, self._file) if conversation else None
        tally.used += 1
        return row

    @property
    def saw_no_zone(self) -> bool:
        """Whether a time without a zone was read as UTC."""
        return self._builder.stamps.saw_no_zone

    def run_notes(self) -> list[str]:
        """What only the rows themselves could tell."""
        return self._builder.notes()


def _is_nested(sample: list[dict[str, object]]) -> bool:
    """Whether most records hold a list of messages and are not messages themselves."""
    nested = sum(1 for record in sample if message_list(record) is not None and not is_message(record))
    return nested * 2 >= len(sample) and nested > 0


def _plan(proposal: mapping.Proposal, columns: _Columns, rare: bool) -> Plan:
    found = proposal.columns
    at = found.get("at", [])
    clocks = [name for name in at if mapping.normalise(name) == "time"]
    if at and mapping.normalise(at[0]) == "date" and clocks:
        found["at"], found["clock"] = [name for name in at if name not in clocks], clocks
    plan: Plan = []
    for index, name in enumerate(mapping.FIELDS):
        paths = [columns.paths[column] for column in found.get(name, ()) if column in columns.paths]
        if rare:
            paths.extend(path for path in _RARE.get(name, ()) if path not in paths)
            if name == "text" and ("text",) not in paths:
                paths.append(("text",))
        if name == "public":
            # Help Scout and Intercom have no flag: a note says so in its type.
            paths.extend(
                path for column, path in columns.paths.items() if mapping.normalise(column) in _KINDS
            )
        if paths:
            plan.append((index, tuple(paths)))
    return plan


def _fill(cells: list[str], plan: Plan, record: dict[str, object]) -> float | None:
    """Write the record's values into `cells`; returns the time if it is a number.

    Raises RowFaultError if there is no text but something that is none.
    """
    at: float | None = None
    odd: object = None
    for index, paths in plan:
        if cells[index] and index in _CONVERSATION_FIRST:
            continue
        for path in paths:
            value: object = record
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if value is None or value == "":
                continue
            if isinstance(value, str):
                cells[index] = value if "\0" not in value else value.replace("\0", "")
                break
            if index == _AT and isinstance(value, int | float) and not isinstance(value, bool):
                at = from_number(value)
                break
            written = _written(index, value)
            if written:
                cells[index] = written
                break
            if index == _TEXT:
                odd = value
    if odd is not None and not cells[_TEXT] and not cells[_HTML]:
        raise RowFaultError("the text is not text", _type_name(odd))
    return at


def _written(index: int, value: object) -> str:
    """A number or a truth value as an export would write it; "" for what cannot fill the field."""
    if isinstance(value, bool):
        return "" if index in _IDS or index in (_TEXT, _AT) else ("true" if value else "false")
    if isinstance(value, int):
        try:
            return str(value)
        except ValueError:  # an integer of thousands of digits
            return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return ""


def _type_name(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return {bool: "a truth value", str: "a text", type(None): "null"}.get(type(value), "a number")
