"""What programs and notebooks import: `from supportaudit import audit`. docs/python.md says what is promised.

An audit from Python goes the same way as `supportaudit scan`, and gives the same bytes.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import msgspec

from supportaudit.address import Address, named
from supportaudit.auditing.added import adding
from supportaudit.auditing.cache import Cache
from supportaudit.auditing.engine import AsOf
from supportaudit.auditing.intake import Progress, Reading
from supportaudit.auditing.registry import in_force
from supportaudit.auditing.scan import Engine, ScanSettings, scan
from supportaudit.errors import SettingsError, UserError
from supportaudit.exits import Exit, verdict
from supportaudit.output import refuse_overwriting, write_whole
from supportaudit.read.frames import held
from supportaudit.read.inputs import Given
from supportaudit.render import FORMATS, View
from supportaudit.results.report import Report
from supportaudit.settings import moments
from supportaudit.settings.file import Settings, read_settings, settings_here, settings_of
from supportaudit.settings.gate import Typed
from supportaudit.settings.typed import Fault
from supportaudit.suggest import did_you_mean
from supportaudit.ui import ENGLISH, languages, speaking

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from supportaudit.model import Finding
    from supportaudit.results.gate import Gate
    from supportaudit.results.score import Scorecard


class ArrowStream(Protocol):
    """Any table that Arrow can read: of polars, pandas, pyarrow, DuckDB and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The Arrow PyCapsule interface."""


class Lazy(Protocol):
    """A table that is yet to be computed, as a LazyFrame of polars."""

    def collect(self) -> object:
        """Compute it."""


StrPath: TypeAlias = str | os.PathLike[str]
Data: TypeAlias = StrPath | Iterable[StrPath] | Iterable[Mapping[str, object]] | ArrowStream | Lazy
"""What can be audited: paths, rows, or a table."""
Moment: TypeAlias = str | date | datetime


@dataclass(frozen=True, repr=False)
class Result:
    """What an audit found. It never changes; the same audit gives the same bytes in every format."""

    report: Report
    """Everything, as the renderers take it. Its shape may change; `scorecard` and `findings` are promised."""

    @property
    def scorecard(self) -> "Scorecard":
        """The result in numbers: score from 0 to 100 with its interval, letter, rates of every check."""
        return self.report.scorecard

    @property
    def findings(self) -> "Sequence[Finding]":
        """Every failure with its proof, gravest and surest first."""
        return self.report.findings

    @property
    def gate(self) -> "Gate":
        """What became of `fail_under`, `fail_on`, `max_failures`, the baseline and the settings file's own rules."""
        return self.report.gate

    @property
    def passed(self) -> bool:
        """Whether `supportaudit scan` would end with 0: the gate passed, no check crashed, something was judged."""
        try:
            return verdict(self.report) is Exit.PASSED
        except UserError:
            return False

    def to_json(self, path: StrPath | None = None) -> str:
        """The JSON of `supportaudit scan --format json` (docs/json.md); also written to `path` if one is given."""
        return self._text("json", path)

    def to_html(self, path: StrPath | None = None, *, lang: str = ENGLISH) -> str:
        """The whole scorecard as one HTML page; also written to `path`. `lang`: "en", "el", "hy" or "ka"."""
        return self._text("html", path, lang)

    def to_dicts(self) -> list[dict[str, Any]]:
        """The findings as JSON has them, one dict each."""
        lines = self._text("ndjson", None).split("\n")
        return [msgspec.json.decode(line) for line in lines if line]

    def to_arrow(self) -> "pyarrow.Table":
        """The findings as an Arrow table, one row each: the columns of the Parquet format, times and lists as such.

        Raises `SettingsError` where pyarrow is not installed (the extra `parquet`).
        """
        _need("pyarrow", "supportaudit[parquet]")
        from pyarrow import BufferReader, parquet

        content = self.render("parquet")
        assert isinstance(content, bytes)
        return parquet.read_table(BufferReader(content))

    def to_pandas(self) -> "pandas.DataFrame":
        """The same as a DataFrame of pandas, which must be installed beside pyarrow."""
        _need("pandas", "pandas")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> "polars.DataFrame":
        """The same as a DataFrame of polars, which must be installed beside pyarrow."""
        _need("polars", "polars")
        import polars

        return polars.DataFrame(self.to_arrow())

    def render(self, form: str, *, by: str | None = None, lang: str = ENGLISH) -> str | bytes:
        """The result in any format of `supportaudit scan --format` (docs/formats.md), bytes where it is no text.

        `by` is the dimension that "text" compares. Raises `SettingsError` for what there is none of.
        """
        if form not in FORMATS:
            raise SettingsError(f"'{form}' is no format{did_you_mean(form, FORMATS)}", _known(FORMATS))
        if lang not in languages():
            raise SettingsError(
                f"lang: the scorecard does not speak '{lang}'{did_you_mean(lang, languages())}",
                _known(languages()),
            )
        with speaking(lang):
            return FORMATS[form](self.report, View(by=by))

    def _text(self, form: str, path: StrPath | None, lang: str = ENGLISH) -> str:
        text = self.render(form, lang=lang)
        assert isinstance(text, str)
        text = text if text.endswith("\n") else f"{text}\n"
        if path is not None:
            write_whole(Path(path), text)
        return text

    def __repr__(self) -> str:
        card = self.scorecard
        score = "no score" if card.score is None else f"{card.letter} {card.score:.1f}"
        return (
            f"<supportaudit.Result {score}, {card.failing:,} of {card.conversations:,} conversations failed, "
            f"{len(self.findings):,} findings, {'passed' if self.passed else 'not passed'}>"
        )

    def _repr_html_(self) -> str:
        from supportaudit.render.notebook import render_notebook

        return render_notebook(self.report)


def audit(
    data: Data,
    *,
    settings: StrPath | Mapping[str, object] | Settings | None = None,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    checks_from: StrPath | Iterable[StrPath] = (),
    plugins: str | Iterable[str] = (),
    as_of: Moment | timedelta | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    min_confidence: float | None = None,
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    tz: str | None = None,
    day_first: bool | None = None,
    lang: str | None = None,
    rejects: StrPath | None = None,
    strict: bool = False,
    max_rejects: float | str | None = None,
    fail_under: float | None = None,
    fail_on: str | Iterable[str] = (),
    max_failures: int | None = None,
    baseline: StrPath | None = None,
    redact: bool = True,
    evidence: str = "worst:8",
    cache: StrPath | None = None,
    engine: Engine | None = None,
    jobs: int = 0,
    progress: bool | Progress = False,
) -> Result:
    """Audit exports, rows or a table, as `supportaudit scan` does with the options of these names.

    `data`: a path, a pattern or a list of them; rows, that is any iterable of mappings; a DataFrame of polars or
    pandas, an Arrow table, or whatever else Arrow can read. A table is taken as a CSV file with its columns would be;
    its lines are its rows, counted from 1.

    `settings`: a settings file, its content as a mapping, or None for the `supportaudit.yaml` of the working folder,
    if there is one, as on the command line; `{}` reads none. Environment variables are the command line's alone.
    Times are ISO texts, dates or datetimes, in `tz` where they have no zone; `as_of` may be a timedelta after each
    conversation's last message, too. `evidence` is what `to_html` can show, `cache` a folder that keeps results for
    the next time. `engine` audits elsewhere, as that of `supportaudit.spark.engine` does. `progress`: True for a bar,
    or a function of (stage, done, total).

    The answer does not depend on `jobs`, the number of processes (0: one a core). They do not run the calling script,
    so that it needs no `if __name__ == "__main__"`.

    Raises `InputError` for data that cannot be understood or would mislead, `SettingsError` for an argument or a
    settings file that is wrong, `CheckError` for a check that is not well formed: all `UserError`, whose message says
    what, where and how to mend it.
    """
    if cache is not None and engine is not None:
        raise SettingsError("cache: only audits of this machine are kept", "Leave out cache or engine.")
    reading = replace(
        _reading(settings),
        source=source,
        mapping=dict(mapping or {}),
        tz=tz,
        day_first=day_first,
        lang=moments.parse_language(lang),
        rejects=None if rejects is None else Path(rejects),
        strict=strict,
        max_rejects=moments.parse_share(None if max_rejects is None else str(max_rejects), "max_rejects"),
    )
    zone = reading.zone
    chosen = ScanSettings(
        select=_words(select),
        ignore=_words(ignore),
        reading=reading,
        as_of=_as_of(as_of, zone),
        since=moments.parse_moment(_iso(since), zone, "since"),
        until=moments.parse_moment(_iso(until), zone, "until"),
        min_confidence=_within(min_confidence, 0, 1, "min_confidence"),
        jobs=int(_within(jobs, 0, 4096, "jobs") or 0),
        gate=Typed(_within(fail_under, 0, 100, "fail_under"), _words(fail_on), max_failures),
        baseline=None if baseline is None else Path(baseline),
        redact=redact,
        evidence=moments.parse_evidence(evidence) or 0,
    )
    folders = [Path(folder) for folder in _listed(checks_from)]
    with adding(folders, _words(plugins)), _given(data) as given, _progress(progress) as told:
        refuse_overwriting(given, reading.rejects)
        chosen = replace(chosen, added=in_force())
        return Result(scan(given, chosen, told, engine if cache is None else Cache(Path(cache))))


def _reading(settings: StrPath | Mapping[str, object] | Settings | None) -> Reading:
    """The settings, with the digest that tells them from others in the record of a run."""
    if settings is None or isinstance(settings, str | os.PathLike):
        path = settings_here() if settings is None else Path(settings)
        if path is None:
            return Reading()
        found = read_settings(path)
        return Reading(settings=found, digest=sha256(path.read_bytes()).hexdigest()[:12])
    if isinstance(settings, Mapping):
        try:
            settings = settings_of(dict(settings))
        except Fault as fault:
            raise SettingsError(f"settings: {fault}") from None
    if not isinstance(settings, Settings):
        raise SettingsError(
            f"settings: {type(settings).__name__} is neither a path nor a mapping", "Give supportaudit.yaml."
        )
    digest = "" if settings == Settings() else sha256(repr(settings).encode()).hexdigest()[:12]
    return Reading(settings=settings, digest=digest)


@contextmanager
def _given(data: Any) -> Iterator[Sequence[Given]]:
    """What is to be read: paths as they are, everything else as a table."""
    if isinstance(data, str | os.PathLike):
        yield [_named(data)]
    elif isinstance(data, list | tuple) and data and all(isinstance(one, str | os.PathLike) for one in data):
        yield [_named(one) for one in data]
    else:
        with held(data) as table:
            yield [table]


def _named(typed: StrPath) -> Path | Address:
    found = named(typed)
    return found if isinstance(found, Address) else Path(os.path.expanduser(found))  # noqa: PTH111 - "~nobody.csv"


@contextmanager
def _progress(wanted: bool | Progress) -> Iterator[Progress | None]:
    if wanted is True:
        from supportaudit.output import progress_bar

        with progress_bar() as told:
            yield told
    else:
        yield wanted or None


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    """ "a,b" and ["a", "b"] are the same, as on the command line."""
    parts = (part.strip() for one in _listed(given) for part in str(one).split(","))
    return tuple(part for part in parts if part)


def _listed(given: Any) -> list[Any]:
    return [given] if isinstance(given, str | os.PathLike) else list(given)


def _as_of(given: Moment | timedelta | None, zone: str | None) -> AsOf:
    if isinstance(given, timedelta):
        return AsOf(after=given.total_seconds())
    return moments.parse_as_of(_iso(given), zone)


def _iso(given: Moment | None) -> str | None:
    return given.isoformat() if isinstance(given, date) else given


def _within(number: float | None, low: float, high: float, name: str) -> float | None:
    if number is None or (isinstance(number, int | float) and low <= number <= high):
        return number
    raise SettingsError(f"{name}: {number!r} is no number from {low} to {high}")


def _need(module: str, package: str) -> None:
    """Raises SettingsError with the command that installs what is missing."""
    if find_spec(module) is None:
        raise SettingsError(f"this needs {module}", hint=f"Run `pip install '{package}'`.")


def _known(names: Iterable[str]) -> str:
    return f"Known are: {', '.join(names)}."
