"""The settings file, `supportaudit.yaml`: its shape, where it is found, and its JSON Schema.

It is read by written.py. Meaning and defaults: docs/settings.md.
"""

import fnmatch
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from supportaudit.auditing.registry import declared_checks
from supportaudit.errors import SettingsError
from supportaudit.read.detect import source_names
from supportaudit.read.mapping import MAPPABLE
from supportaudit.results.suppressions import Suppression, check_suppression
from supportaudit.settings.checks import FIELDS, CheckTable, checks_schema
from supportaudit.settings.gate import GateSettings
from supportaudit.settings.hours import ALWAYS, Hours, country_fault, subdivision_fault
from supportaudit.settings.limits import DEFAULTS, Limits
from supportaudit.settings.notation import Day, Domain, LanguageCode, Limit, Person, Share, WeekPlan, Zone
from supportaudit.settings.typed import Fault, Leaf, read_struct, show, unknown
from supportaudit.settings.typed import Path as KeyPath

#: Text that is not blank.
Text = Annotated[str, Meta(pattern=r"\S")]
NAMES = ("supportaudit.yaml", "supportaudit.yml")
SCHEMA_FILE = "supportaudit.schema.json"


class ColumnMap(dict[str, str], Leaf):
    """Columns by the field they hold."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "propertyNames": {"enum": list(MAPPABLE)},
        "additionalProperties": {"type": "string", "pattern": r"\S"},
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """From a mapping of known fields to columns."""
        if not isinstance(value, dict):
            raise Fault(f"must name columns, such as text: Body, not {show(value)}")
        for field, column in value.items():
            if field not in MAPPABLE:
                raise Fault(unknown(str(field), MAPPABLE), (str(field),))
            if not isinstance(column, str) or not column.strip():
                raise Fault(f"must be the name of a column, not {show(column)}", (field,))
        return cls(value)


class FilePattern(str, Leaf):
    """A pattern of a file's name or path: `*`, `?`, `[ab]`. Its length is bounded: reading it is no linear work."""

    __slots__ = ()
    LONGEST: ClassVar[int] = 1_000
    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"\S", "maxLength": LONGEST}

    @classmethod
    def read(cls, value: object) -> Self:
        """From text."""
        if not isinstance(value, str) or not value.strip():
            raise Fault(f"must be text, not {show(value)}")
        if len(value) > cls.LONGEST:
            raise Fault(f"is longer than a pattern may be: {len(value):,} signs, {cls.LONGEST:,} at most")
        return cls(value)


class SourceSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """How some exports are read. What is left out is detected."""

    files: Annotated[
        FilePattern | None,
        Meta(
            description="Pattern of the file's name or path; left out: every file.",
            examples=["zendesk-*.csv"],
        ),
    ] = None
    source: Annotated[
        Text | None, Meta(description="Kind of export, instead of the detected one.", examples=["zendesk"])
    ] = None
    tz: Annotated[
        Zone | None, Meta(description="Zone of times that carry none.", examples=["Europe/Athens"])
    ] = None
    day_first: Annotated[bool | None, Meta(description="Whether 03/04/2026 is the third of April.")] = None
    map: Annotated[
        ColumnMap | None,
        Meta(
            description="Which column holds a field.",
            examples=[{"text": "Body", "conversation_id": "Ticket"}],
        ),
    ] = None


class CompanySettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Who writes for the company, where the export does not say."""

    domains: Annotated[
        tuple[Domain, ...],
        Meta(
            description="Authors who write from these mail domains are agents.", examples=[["acme.example"]]
        ),
    ] = ()
    agents: Annotated[
        tuple[Person, ...],
        Meta(description="Names, addresses or ids of people of the company.", examples=[["Rob Ray", "12"]]),
    ] = ()
    bots: Annotated[
        tuple[Person, ...],
        Meta(description="Names, addresses or ids of automatic senders.", examples=[["Helpbot"]]),
    ] = ()


class ChannelHours(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Weeks of channels that keep other hours than the rest."""

    chat: WeekPlan | None = None
    social: WeekPlan | None = None
    email: WeekPlan | None = None
    phone: WeekPlan | None = None


class HolidaySettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Days on which nobody works, though the week says so."""

    country: Annotated[
        Text | None, Meta(description="Country whose public holidays are kept.", examples=["GR"])
    ] = None
    subdivision: Annotated[
        Text | None, Meta(description="Part of the country with holidays of its own.", examples=["BY"])
    ] = None
    closed: Annotated[tuple[Day, ...], Meta(description="More days off.", examples=[["2026-12-24"]])] = ()
    open: Annotated[
        tuple[Day, ...], Meta(description="Public holidays that are worked.", examples=[["2026-10-28"]])
    ] = ()


class HoursSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Business hours: waits count only while they are open."""

    timezone: Annotated[Zone, Meta(description="Zone of the hours.", examples=["Europe/Athens"])]
    week: Annotated[
        WeekPlan | None,
        Meta(
            description="When the team works; a day not named is closed. Left out: around the clock.",
            examples=[{"mon-fri": "09:00-18:00", "sat": ["10:00-13:00", "14:00-16:00"]}],
        ),
    ] = None
    channels: Annotated[ChannelHours, Meta(description="Other hours for a channel.")] = ChannelHours()
    holidays: Annotated[HolidaySettings, Meta(description="Days off.")] = HolidaySettings()


class LimitSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Longest wait for a human answer that still passes, by channel, and by priority where one is named."""

    chat: Annotated[Limit | None, Meta(description="Usually 5 min.", examples=["5 min"])] = None
    social: Annotated[Limit | None, Meta(description="Usually 60 min.", examples=["1 h"])] = None
    email: Annotated[
        Limit | None,
        Meta(description="Usually 24 h.", examples=[{"urgent": "2 h", "default": "24 h"}]),
    ] = None
    phone: Annotated[Limit | None, Meta(description="Usually 24 h.", examples=["24 h"])] = None
    default: Annotated[
        Limit | None, Meta(description="For every channel that is not named.", examples=["24 h"])
    ] = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Settings of supportaudit. Every key may be left out."""

    sources: Annotated[
        tuple[SourceSettings, ...],
        Meta(description="How exports are read; the first entry whose `files` fits the file counts."),
    ] = ()
    company: Annotated[CompanySettings, Meta(description="Who writes for the company.")] = CompanySettings()
    hours: Annotated[HoursSettings | None, Meta(description="Business hours; left out: all hours count.")] = (
        None
    )
    limits: Annotated[LimitSettings, Meta(description="Longest wait that still passes.")] = LimitSettings()
    language: Annotated[
        LanguageCode | None,
        Meta(
            description="Language of all conversations, by its ISO 639-1 code; told by content if left out.",
            examples=["de"],
        ),
    ] = None
    max_rejects: Annotated[
        Share | None,
        Meta(
            description="Share of rows that may be rejected before the audit is stopped; usually 10 %.",
            examples=["10 %"],
        ),
    ] = None
    checks: Annotated[
        CheckTable | None,
        Meta(
            description="What is changed in a check, by its id.",
            examples=[{"rudeness": {"min-confidence": 0.7}, "impersonal": {"enabled": False}}],
        ),
    ] = None

    gate: Annotated[
        GateSettings,
        Meta(
            description="What a result must hold to pass.",
            examples=[{"min-score": 75, "checks": {"slow-reply": "10 %"}}],
        ),
    ] = GateSettings()
    ignore: Annotated[
        tuple[Suppression, ...],
        Meta(description="Failures that are accepted, each with a reason, an author and a last day."),
    ] = ()

    def source_for(self, name: str) -> SourceSettings:
        """How a file is to be read: the first entry that fits its name or path, or one that says nothing."""
        return next((s for s in self.sources if s.files is None or _fits(name, s.files)), SourceSettings())

    def business_hours(self) -> Hours | None:
        """The hours in which waits count; None when all do."""
        hours = self.hours
        if hours is None:
            return None
        weeks = {name: getattr(hours.channels, name) for name in ChannelHours.__struct_fields__}
        days = hours.holidays
        return Hours(
            zone=ZoneInfo(hours.timezone),
            week=hours.week.week if hours.week is not None else ALWAYS,
            channels={name: plan.week for name, plan in weeks.items() if plan is not None},
            country=days.country or "",
            subdivision=days.subdivision or "",
            closed=frozenset(days.closed),
            opened=frozenset(days.open),
        )

    def wait_limits(self) -> Limits:
        """Limits by channel and priority: those of the file over the usual ones.

        A channel's table takes what it does not say itself from `default`, and that from the usual limits.
        """
        named = {name: getattr(self.limits, name) for name in LimitSettings.__struct_fields__}
        default = named.pop("default") or {}
        tables = {channel: {**usual, **default} for channel, usual in DEFAULTS.items()}
        for channel, table in named.items():
            if table is not None:
                tables[channel] = {"": tables[channel][""], **table}
        return Limits(tables)


def _fits(name: str, pattern: str) -> bool:
    path = name.replace("\\", "/")
    return any(
        fnmatch.fnmatchcase(text, form)
        for text in (path, path.rsplit("/", 1)[-1])
        for form in (pattern, f"*/{pattern}")
    )


def find_settings(folder: Path) -> Path | None:
    """The settings file of a folder, which is not looked for in its parents. Raises `SettingsError` for two."""
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if len(found) > 1:
        raise SettingsError(f"{found[0]} and {found[1]} are both settings files; keep one of them")
    return found[0] if found else None


def settings_here() -> Path | None:
    """The settings file of the working folder; one that was deleted under our feet has none."""
    try:
        return find_settings(Path.cwd())
    except FileNotFoundError:
        return None


def read_settings(path: Path | None) -> Settings:
    """The settings of a file, or the usual ones. Raises `SettingsError` as `load_settings` does."""
    if path is None:
        return Settings()
    from supportaudit.settings.written import (
        load_settings,  # late: YAML is slow to load, and most audits need none
    )

    return load_settings(path)


def settings_of(document: object) -> Settings:
    """Settings from plain values. Raises `Fault` with the path of the first value that does not fit."""
    settings = read_struct(Settings, document)
    _check_sources(settings.sources)
    _check_people(settings.company)
    for number, entry in enumerate(settings.ignore):
        _check_ignored(entry, ("ignore", number))
    if settings.hours is not None:
        _check_holidays(settings.hours.holidays)
    return settings


def _check_ignored(entry: Suppression, path: KeyPath) -> None:
    known = [check.info.id for check in declared_checks()]
    if entry.check is not None and entry.check not in known:
        raise Fault(f"{show(entry.check)} {unknown(entry.check, known)}", (*path, "check"))
    try:
        check_suppression(entry)
    except Fault as fault:
        raise Fault(fault.words, path) from None


def _check_sources(sources: tuple[SourceSettings, ...]) -> None:
    for number, entry in enumerate(sources):
        if entry.source is not None and entry.source not in (known := source_names()):
            raise Fault(f"{show(entry.source)} {unknown(entry.source, known)}", ("sources", number, "source"))


def _check_people(company: CompanySettings) -> None:
    for number, bot in enumerate(company.bots):
        if bot in company.agents:
            raise Fault(f"{show(bot)} stands among the agents too", ("company", "bots", number))


def _check_holidays(days: HolidaySettings) -> None:
    path = ("hours", "holidays")
    if days.country is not None and (fault := country_fault(days.country)):
        raise Fault(fault, (*path, "country"))
    if days.subdivision is not None:
        if days.country is None:
            raise Fault("needs 'country' beside it", (*path, "subdivision"))
        if fault := subdivision_fault(days.country, days.subdivision):
            raise Fault(fault, (*path, "subdivision"))
    for number, day in enumerate(days.open):
        if day in days.closed:
            raise Fault(f"{date.isoformat(day)} stands under 'closed' too", (*path, "open", number))


def json_schema() -> dict[str, Any]:
    """The file's JSON Schema, for editors. It knows the notation; zones, countries and doubles only the reader."""
    leaves: dict[str, Any] = {}

    def leaf(kind: type) -> dict[str, Any]:
        assert issubclass(kind, Leaf)
        written = checks_schema() if kind is CheckTable else kind.SCHEMA
        leaves[kind.__name__] = {"description": _summary(kind), **written}
        return {"$ref": f"#/$defs/{kind.__name__}"}

    schema = msgspec.json.schema(Settings, schema_hook=leaf)
    definitions = {name: _readable(body) for name, body in schema["$defs"].items()}
    top = definitions.pop("Settings") | {"title": "supportaudit.yaml"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "$defs": dict(sorted((definitions | leaves | dict(FIELDS)).items())),
    }


def _summary(kind: type) -> str:
    return (kind.__doc__ or "").split("\n\n")[0].replace("`", "")


def _readable(body: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing: titles that repeat the name, keys that are empty when left out."""
    kept = {key: value for key, value in body.items() if key != "title" and value != []}
    kept["properties"] = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in kept["properties"].items()
    }
    return kept


def schema_text() -> str:
    """The JSON Schema as it is shipped."""
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n"
