"""The command line: parse, call, exit. No logic of its own."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from supportaudit import __version__
from supportaudit.address import Location, named
from supportaudit.errors import UserError
from supportaudit.exits import Exit, run, verdict
from supportaudit.help import Program

if TYPE_CHECKING:
    from supportaudit.auditing.cache import Cache
    from supportaudit.auditing.intake import Reading
    from supportaudit.auditing.scan import Engine, ScanSettings
    from supportaudit.output import Target
    from supportaudit.results.report import Report

app = Program(
    name="supportaudit",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=(
        "Audit support conversations: where customers were failed, by which of eleven failure modes, "
        "with the messages that prove it. Works offline; nothing leaves this machine."
    ),
    epilog=(
        "Examples\n\n"
        "supportaudit scan week.csv\n\n"
        "supportaudit scan week.json --format json -o audit.json\n\n"
        "supportaudit inspect week.csv\n\n"
        "supportaudit init week.csv\n\n"
        "supportaudit explain broken-promise\n\n"
        "Exit codes: 0 passed, 1 a gate failed, 2 the audit could not be done."
    ),
)


class Format(StrEnum):
    """How a scan is printed."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    HTML = "html"
    MARKDOWN = "markdown"


class EngineName(StrEnum):
    """What audits."""

    LOCAL = "local"
    SPARK = "spark"


class PageFormat(StrEnum):
    """How a page is printed."""

    TEXT = "text"
    JSON = "json"


class Dimension(StrEnum):
    """What a scorecard can be split by."""

    AGENT = "agent"
    TEAM = "team"
    CHANNEL = "channel"
    BRAND = "brand"
    WEEK = "week"
    LANGUAGE = "language"


Files = Annotated[
    list[Location],
    typer.Argument(
        parser=named,
        metavar="EXPORT...",
        help="Exports of the help desk: files (CSV, TSV, JSON, JSON Lines, XLSX, Parquet, packed or not), folders, "
        "patterns, addresses (https, s3, gs, az).",
        show_default=False,
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="What wrote the export, e.g. zendesk.",
        show_default="told by content",
        rich_help_panel="Reading",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        envvar="SUPPORTAUDIT_CONFIG",
        help="Settings file.",
        show_default="supportaudit.yaml, if it is here",
        rich_help_panel="Reading",
    ),
]
NoConfigOption = Annotated[
    bool,
    typer.Option(
        "--no-config", help="Read no settings file, though one lies here.", rich_help_panel="Reading"
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN,...",
        help="Which column holds a field, e.g. conversation_id=Ticket,text=Body.",
        show_default=False,
        rich_help_panel="Reading",
    ),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        envvar="SUPPORTAUDIT_TZ",
        help="Zone of times that carry none, e.g. Europe/Athens.",
        show_default="UTC",
        rich_help_panel="Reading",
    ),
]
DayFirstOption = Annotated[
    bool | None,
    typer.Option(
        "--day-first/--month-first",
        help="How to read 03/04/2026.",
        show_default=False,
        rich_help_panel="Reading",
    ),
]

LangOption = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="CODE",
        envvar="SUPPORTAUDIT_LANG",
        help="Language of all conversations, e.g. de.",
        show_default="told by content",
        rich_help_panel="Reading",
    ),
]
UiLangOption = Annotated[
    str | None,
    typer.Option(
        "--ui-lang",
        metavar="CODE",
        envvar="SUPPORTAUDIT_UI_LANG",
        help="Language to show results in, e.g. el; formats for programs stay English.",
        show_default="that of the locale, or English",
        rich_help_panel="Result",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME|+Nd",
        help="When to judge: a time, or +7d for seven days after each conversation's last message.",
        show_default="the newest time in the export",
        rich_help_panel="Judging",
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Only conversations begun at or after.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Only conversations begun before.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]
MinConfidenceOption = Annotated[
    float | None,
    typer.Option(
        "--min-confidence",
        metavar="NUMBER",
        min=0,
        max=1,
        envvar="SUPPORTAUDIT_MIN_CONFIDENCE",
        help="Leave out findings less sure than this.",
        show_default="0.5",
        rich_help_panel="Judging",
    ),
]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        metavar="CHECK,...",
        help="Run only these checks.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="CHECK,...",
        help="Leave these checks out.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]


def _add_folders(context: typer.Context, folders: list[Path] | None) -> list[Path] | None:
    _add(context, folders or (), ())
    return folders


def _add_plugins(context: typer.Context, plugins: list[str] | None) -> list[str] | None:
    _add(context, (), plugins or ())
    return plugins


def _add(context: typer.Context, folders: Sequence[Path], plugins: Sequence[str]) -> None:
    """Checks that are named are known until the command ends. Completing a command line must look at none."""
    if (folders or plugins) and not context.resilient_parsing:
        from supportaudit.auditing.added import adding

        context.with_resource(adding(folders, plugins))


ChecksFromOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--checks-from",
        metavar="DIR",
        callback=_add_folders,
        help="Take the checks in this folder too. Their code is run: name only what you trust.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]
PluginOption = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        metavar="NAME",
        callback=_add_plugins,
        help="Take the checks of this installed plugin too. Their code is run.",
        show_default=False,
        rich_help_panel="Judging",
    ),
]
RejectsOption = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        metavar="FILE",
        help="Write rejected rows here, .csv or JSON Lines.",
        show_default=False,
        rich_help_panel="Reading",
    ),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop if any row is rejected.", rich_help_panel="Reading")
]
MaxRejectsOption = Annotated[
    str | None,
    typer.Option(
        "--max-rejects",
        metavar="SHARE",
        help="Stop if more rows than this are rejected.",
        show_default="10 %",
        rich_help_panel="Reading",
    ),
]
RedactOption = Annotated[
    bool,
    typer.Option(
        "--redact/--no-redact",
        help="Hide personal data of customers in quotes: addresses, telephone, card and account numbers, secrets.",
        rich_help_panel="Result",
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Compare with this earlier JSON result; significant worsening fails.",
        show_default=False,
        rich_help_panel="Gate",
    ),
]
EvidenceOption = Annotated[
    str,
    typer.Option(
        "--evidence",
        metavar="all|worst:N|none",
        help="Conversations shown in full on the HTML page: all failing ones, the worst N of each check, or none.",
        rich_help_panel="Result",
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", metavar="N", min=0, help="Processes; 0 is one a core. Never changes the result."
    ),
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        envvar="SUPPORTAUDIT_CACHE",
        help="Keep what was found here: next time only customers with news are audited. Never changes the result.",
        show_default=False,
        rich_help_panel="Result",
    ),
]
CacheLimitOption = Annotated[
    int,
    typer.Option(
        "--cache-limit",
        metavar="MB",
        min=1,
        envvar="SUPPORTAUDIT_CACHE_LIMIT",
        help="The most that the cache may take; what was not used for longest goes first.",
        rich_help_panel="Result",
    ),
]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"supportaudit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(
    rich_help_panel="Audit",
    epilog=(
        "Examples\n\n"
        "supportaudit scan week.csv\n\n"
        "supportaudit scan zendesk.zip chats/ 'mail-*.csv.gz'\n\n"
        "supportaudit scan week.csv --select slow-reply --by team\n\n"
        "supportaudit scan old-threads.json --as-of +7d\n\n"
        "supportaudit scan tickets.csv --map conversation_id=Ticket,text=Body --tz Europe/Berlin\n\n"
        "supportaudit scan week.csv --rejects rejected.csv --strict\n\n"
        "supportaudit scan week.csv --format json -o audit.json\n\n"
        "supportaudit scan week.csv --fail-under 75 --fail-on rudeness --fail-on slow-reply:10%\n\n"
        "supportaudit scan week.csv --baseline last-week.json -o json=this-week.json"
    ),
)
def scan(
    files: Files,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
    lang: LangOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    rejects: RejectsOption = None,
    strict: StrictOption = False,
    max_rejects: MaxRejectsOption = None,
    by: Annotated[
        Dimension | None,
        typer.Option(
            "--by",
            metavar="WHAT",
            help=f"Compare these instead of agents: {', '.join(Dimension)}.",
            show_default=False,
            rich_help_panel="Result",
        ),
    ] = None,
    min_confidence: MinConfidenceOption = None,
    output_format: Annotated[
        Format,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"How to print the result: {', '.join(Format)}.",
            rich_help_panel="Result",
        ),
    ] = Format.TEXT,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="[FORMAT=]FILE",
            help="Write to a file, e.g. -o audit.json or, several at once, -o json=audit.json -o junit=audit.xml.",
            show_default="standard output",
            rich_help_panel="Result",
        ),
    ] = None,
    redact: RedactOption = True,
    evidence: EvidenceOption = "worst:8",
    baseline: BaselineOption = None,
    history: Annotated[
        Path | None,
        typer.Option(
            "--history",
            metavar="FILE",
            help="Record the scorecard in this file, for `supportaudit trend`.",
            show_default=False,
            rich_help_panel="Result",
        ),
    ] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under",
            metavar="SCORE",
            min=0,
            max=100,
            envvar="SUPPORTAUDIT_FAIL_UNDER",
            help="Fail if the score is lower.",
            show_default=False,
            rich_help_panel="Gate",
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CHECK[:SHARE]",
            envvar="SUPPORTAUDIT_FAIL_ON",
            help="Fail if any conversation fails this check, or a larger share than this; 'any' is every check.",
            show_default=False,
            rich_help_panel="Gate",
        ),
    ] = None,
    max_failures: Annotated[
        int | None,
        typer.Option(
            "--max-failures",
            metavar="N",
            min=0,
            envvar="SUPPORTAUDIT_MAX_FAILURES",
            help="Fail if more conversations than this fail any check.",
            show_default=False,
            rich_help_panel="Gate",
        ),
    ] = None,
    exit_zero: Annotated[
        bool,
        typer.Option(
            "--exit-zero",
            envvar="SUPPORTAUDIT_EXIT_ZERO",
            help="End with 0 though the gate failed; errors still end with 2.",
            rich_help_panel="Gate",
        ),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=0,
            help="Processes; 0 is one a core. Never changes the result.",
            rich_help_panel="Result",
        ),
    ] = 0,
    cache: CacheOption = None,
    cache_limit: CacheLimitOption = 1024,
    engine: Annotated[
        EngineName,
        typer.Option(
            "--engine",
            help="Audit on this machine, or on a Spark cluster. Never changes the result.",
            rich_help_panel="Cluster",
        ),
    ] = EngineName.LOCAL,
    spark_master: Annotated[
        str | None,
        typer.Option(
            "--spark-master",
            metavar="URL",
            help="The cluster: local[4], spark://host:7077, yarn, k8s://..., or sc://host for Spark Connect.",
            show_default="as Spark is set up, else all cores of this machine",
            rich_help_panel="Cluster",
        ),
    ] = None,
    spark_dir: Annotated[
        str | None,
        typer.Option(
            "--spark-dir",
            metavar="FOLDER",
            help="Where messages wait for the workers: a folder that they see too, or a URL such as hdfs:///tmp.",
            show_default="a temporary folder",
            rich_help_panel="Cluster",
        ),
    ] = None,
    ui_lang: UiLangOption = None,
) -> None:
    """Audit exports with the eleven checks and print the scorecard."""
    from supportaudit.auditing.scan import ScanSettings
    from supportaudit.auditing.scan import scan as run_scan
    from supportaudit.output import refuse_overwriting, targets
    from supportaudit.render import FORMATS, SHOW_EVIDENCE
    from supportaudit.settings import moments
    from supportaudit.settings.gate import Typed
    from supportaudit.ui import ENGLISH, SPOKEN

    shown_in = _language(ui_lang)
    reading = _reading(config, no_config, source, mapping, tz, day_first, lang)
    settings = ScanSettings(
        select=_split(select),
        ignore=_split(ignore),
        reading=replace(
            reading,
            rejects=rejects,
            strict=strict,
            max_rejects=moments.parse_share(max_rejects, "--max-rejects"),
        ),
        as_of=moments.parse_as_of(as_of, reading.zone),
        since=moments.parse_moment(since, reading.zone, "--since"),
        until=moments.parse_moment(until, reading.zone, "--until"),
        min_confidence=min_confidence,
        jobs=jobs,
        gate=Typed(fail_under, _split(fail_on), max_failures),
        baseline=baseline,
        redact=redact,
    )
    wanted = targets(output or (), output_format, FORMATS)
    if any(target.format in SHOW_EVIDENCE for target in wanted):
        settings = replace(settings, evidence=moments.parse_evidence(evidence) or 0)
    for path in (rejects, history, *(target.path for target in wanted)):
        refuse_overwriting(files, path)
    on_spark = _spark(engine, spark_master, spark_dir, cache)
    kept = _cache(cache, cache_limit)
    with _progress() as progress:
        report = run_scan(files, settings, progress, on_spark or kept)
    _tell(kept)
    for target in wanted:
        _write(target, report, by, shown_in if target.format in SPOKEN else ENGLISH)
    if history is not None:
        from supportaudit.results.history import record

        again = record(history, report)
        _say(f"{history}: {'replaced the audit of the same export' if again else 'recorded'}")
    raise typer.Exit(verdict(report, exit_zero=exit_zero))


def _cache(folder: Path | None, megabytes: int) -> "Cache | None":
    if folder is None:
        return None
    from supportaudit.auditing.cache import Cache

    return Cache(folder, megabytes << 20)


def _spark(name: EngineName, master: str | None, folder: str | None, cache: Path | None) -> "Engine | None":
    """The engine on Spark if it is asked for."""
    if name is EngineName.LOCAL:
        if master is not None or folder is not None:
            raise UserError(
                "--spark-master and --spark-dir say where Spark is, but not to use it",
                hint="Add --engine spark.",
            )
        return None
    if cache is not None:
        raise UserError(
            "--cache keeps audits of this machine, not of Spark", hint="Leave one of the two out."
        )
    from supportaudit.spark import engine_on

    return engine_on(master, folder)


def _tell(cache: "Cache | None") -> None:
    if cache is not None and cache.words:
        _say(cache.words)


def _write(target: "Target", report: "Report", by: Dimension | None, language: str) -> None:
    from supportaudit.output import terminal_view, write_pieces
    from supportaudit.render import pieces
    from supportaudit.ui import speaking

    with speaking(language):
        made = pieces(target.format, report, terminal_view(by, to_file=target.path is not None))
        if target.path is not None:
            write_pieces(target.path, made)
        else:
            _print_pieces(made)


@app.command(
    rich_help_panel="Audit",
    epilog=(
        "Examples\n\n"
        "supportaudit report week.csv\n\n"
        "supportaudit report week.zip -o scorecard.html --pdf scorecard.pdf --anonymize-agents\n\n"
        "supportaudit report week-47.csv week-46.json week-45.json\n\n"
        "supportaudit report week-45.json week-46.json week-47.json -o weeks.html"
    ),
)
def report(
    files: Annotated[
        list[Location],
        typer.Argument(
            parser=named,
            metavar="EXPORT|RESULT.json...",
            help="Exports to audit, or JSON results of earlier scans; the newest is the page, earlier ones its past.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The page to write.", rich_help_panel="Result"),
    ] = Path("scorecard.html"),
    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf",
            metavar="FILE",
            help="Print it to this file too, by a Chromium, Chrome or Edge of this machine.",
            show_default=False,
            rich_help_panel="Result",
        ),
    ] = None,
    anonymize_agents: Annotated[
        bool,
        typer.Option(
            "--anonymize-agents",
            help="Number agents instead of naming them, everywhere on the page.",
            rich_help_panel="Result",
        ),
    ] = False,
    evidence: EvidenceOption = "worst:8",
    baseline: BaselineOption = None,
    select: SelectOption = None,
    ignore: IgnoreOption = None,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_confidence: MinConfidenceOption = None,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
    lang: LangOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    rejects: RejectsOption = None,
    strict: StrictOption = False,
    max_rejects: MaxRejectsOption = None,
    redact: RedactOption = True,
    jobs: JobsOption = 0,
    cache: CacheOption = None,
    cache_limit: CacheLimitOption = 1024,
    ui_lang: UiLangOption = None,
) -> None:
    """Write the scorecard as one HTML page to mail, archive or print: no server, no network."""
    from supportaudit.output import refuse_overwriting, write_whole
    from supportaudit.pages.scorecard import gather
    from supportaudit.render.html import render_html, weight_words
    from supportaudit.render.pdf import browser, print_page
    from supportaudit.settings import moments
    from supportaudit.ui import speaking

    shown_in = _language(ui_lang)
    kept = moments.parse_evidence(evidence) or 0
    reading = replace(
        _reading(config, no_config, source, mapping, tz, day_first, lang),
        rejects=rejects,
        strict=strict,
        max_rejects=moments.parse_share(max_rejects, "--max-rejects"),
    )
    settings = replace(
        _judging(reading, _split(select), as_of, since, until, min_confidence, jobs),
        ignore=_split(ignore),
        baseline=baseline,
        redact=redact,
        evidence=kept,
    )
    for path in (rejects, output, pdf):
        refuse_overwriting(files, path)
    command = browser() if pdf is not None else ""
    found = _cache(cache, cache_limit)
    with _progress() as progress:
        paged = gather(files, settings, progress, found)
    _tell(found)
    with speaking(shown_in):
        html = render_html(paged.report, anonymize=anonymize_agents, earlier=paged.earlier, kept=kept)
    write_whole(output, html)
    _say(f"{output}: {weight_words(html)}")
    if pdf is not None:
        write_whole(pdf, print_page(html, command))
        _say(f"{pdf}: printed")
    verdict(paged.report, exit_zero=True)


PageFormatOption = Annotated[
    PageFormat, typer.Option("--format", "-f", help="How to print.", rich_help_panel="Result")
]


@app.command(
    rich_help_panel="Over time",
    epilog=(
        "Examples\n\n"
        "supportaudit compare week-46.json week-47.json\n\n"
        "supportaudit compare week-4*.json --format json"
    ),
)
def compare(
    results: Annotated[
        list[Path], typer.Argument(help="JSON results of earlier scans, oldest first.", show_default=False)
    ],
    output_format: PageFormatOption = PageFormat.TEXT,
) -> None:
    """Lay earlier results side by side: score and rates over time, and which of them move."""
    from supportaudit.pages import trend as page
    from supportaudit.results.saved import read_result
    from supportaudit.results.trend import trend_of

    if len(results) < 2:
        raise UserError("one result cannot be compared", hint="Name two or more, oldest first.")
    trend = trend_of([read_result(path) for path in results])
    _print(page.json_page(trend) if output_format is PageFormat.JSON else page.text_page(trend))


@app.command(
    rich_help_panel="Over time",
    epilog=(
        "Examples\n\n"
        "supportaudit scan week-47.zip --history audits.db\n\n"
        "supportaudit trend audits.db --last 12"
    ),
)
def trend(
    history: Annotated[Path, typer.Argument(help="A file that `scan --history` wrote.", show_default=False)],
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", min=1, help="Only the newest N.", show_default=False)
    ] = None,
    output_format: PageFormatOption = PageFormat.TEXT,
) -> None:
    """Print and plot the history of audits: score and rates by period, and which of them move."""
    from supportaudit.pages import trend as page
    from supportaudit.results.history import periods
    from supportaudit.results.trend import trend_of

    found = periods(history, last)
    if not found:
        raise UserError(
            f"{history}: no audit is recorded yet", hint="Run `supportaudit scan EXPORT --history` first."
        )
    shown = trend_of(found)
    _print(page.json_page(shown) if output_format is PageFormat.JSON else page.text_page(shown))


@app.command(
    rich_help_panel="Look up",
    epilog="Examples\n\nsupportaudit config\n\nsupportaudit config -c team.yaml --format json",
)
def config(
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    output_format: PageFormatOption = PageFormat.TEXT,
) -> None:
    """Show the settings in force, and where each comes from: default, file with its line, or environment."""
    from supportaudit.pages import config as page
    from supportaudit.settings.file import settings_here
    from supportaudit.settings.written import load_settings

    path = None if no_config else config or settings_here()
    if path is not None:
        load_settings(path)
    _print(page.json_page(path) if output_format is PageFormat.JSON else page.text_page(path))


@app.command(
    rich_help_panel="Look up",
    epilog="Examples\n\nsupportaudit languages\n\nsupportaudit languages --format json",
)
def languages(output_format: PageFormatOption = PageFormat.TEXT) -> None:
    """List the languages whose wording is judged, and how right each check was when measured."""
    from supportaudit.pages import languages as page

    _print(page.json_page() if output_format is PageFormat.JSON else page.text_page())


@app.command(rich_help_panel="Look up", epilog="Example\n\nsupportaudit checks")
def checks(
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    test: Annotated[
        bool,
        typer.Option("--test", help="Judge the checks' own cases instead, added ones if there are any."),
    ] = False,
    ui_lang: UiLangOption = None,
) -> None:
    """List the checks."""
    from supportaudit.pages.explain import checks_page
    from supportaudit.ui import speaking

    if test:
        from supportaudit.pages.cases import cases_page

        page, agree = cases_page()
        _print(page)
        raise typer.Exit(Exit.PASSED if agree else Exit.FAILED)
    with speaking(_language(ui_lang)):
        _print(checks_page())


@app.command(rich_help_panel="Look up", epilog="Example\n\nsupportaudit explain not-listening")
def explain(
    check: Annotated[str, typer.Argument(help="The check's id, e.g. slow-reply.")],
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    ui_lang: UiLangOption = None,
) -> None:
    """Say what a check means, why it costs customers, its parameters, and show real cases."""
    from supportaudit.pages.explain import explain_page
    from supportaudit.ui import speaking

    with speaking(_language(ui_lang)):
        _print(explain_page(check))


@app.command(
    rich_help_panel="Audit",
    epilog=(
        "Examples\n\n"
        "supportaudit init week.zip\n\n"
        "supportaudit init tickets.csv --tz Europe/Athens --map conversation_id=Ticket -o team.yaml"
    ),
)
def init(
    file: Annotated[
        Location, typer.Argument(parser=named, help="An export: a file, a folder or an archive.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The settings file to write.")
    ] = Path("supportaudit.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
) -> None:
    """Write a commented settings file from what an export shows: source, zone, people, channels, limits."""
    import shlex

    from supportaudit.output import refuse_overwriting, write_whole
    from supportaudit.pages.init import settings_text
    from supportaudit.pages.inspection import recognised

    if output.exists() and not force:
        raise UserError(
            f"{output} is there already", hint="Write elsewhere with -o, or replace it with --force."
        )
    refuse_overwriting([file], output)
    reading = _reading(None, True, source, mapping, tz, day_first)
    write_whole(output, settings_text(recognised(file, reading)))
    _say(f"{output} is written: look through it, then run `supportaudit scan {shlex.quote(str(file))}`.")


@app.command(rich_help_panel="Look up", epilog="Example\n\nsupportaudit sources")
def sources() -> None:
    """List the help desks whose exports are understood, and what each can prove."""
    from supportaudit.pages.sources import sources_page

    _print(sources_page())


class SchemaOf(StrEnum):
    """What `supportaudit schema` describes."""

    SETTINGS = "settings"
    RESULT = "result"


@app.command(
    rich_help_panel="Look up",
    epilog=(
        "Examples\n\n"
        "supportaudit schema > supportaudit.schema.json\n\n"
        "supportaudit schema result > result.schema.json"
    ),
)
def schema(
    of: Annotated[
        SchemaOf,
        typer.Argument(
            metavar="[settings|result]",
            help="Of the settings file, or of the JSON result.",
            show_default=False,
        ),
    ] = SchemaOf.SETTINGS,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
) -> None:
    """Print the JSON Schema of supportaudit.yaml, for editors, or of the JSON result, for programs."""
    from supportaudit.render.json_report import result_schema
    from supportaudit.settings.file import schema_text

    _print(result_schema() if of is SchemaOf.RESULT else schema_text())


@app.command(
    rich_help_panel="Audit",
    epilog=(
        "Examples\n\n"
        "supportaudit inspect week.zip\n\n"
        "supportaudit inspect tickets.csv --map conversation_id=Ticket,text=Body"
    ),
)
def inspect(
    files: Files,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
    lang: LangOption = None,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
) -> None:
    """Show how an export is understood: source, fields, people, first conversation, rejected rows."""
    from supportaudit.pages.inspection import inspect_page

    _print(inspect_page(files, _reading(config, no_config, source, mapping, tz, day_first, lang)))


@app.command(
    rich_help_panel="How right it is",
    epilog=(
        "Examples\n\n"
        "supportaudit sample week.zip\n\n"
        "supportaudit sample week.zip -o rudeness.csv -n 60 --seed 7 --check rudeness\n\n"
        "Fill in each check's column: yes (the customer was failed so), no, or unsure. The sheet holds personal data; "
        "it stays on this machine."
    ),
)
def sample(
    files: Files,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The sheet to label, a CSV.")
    ] = Path("to-label.csv"),
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="How many conversations.")] = 100,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Another seed draws other conversations.")
    ] = 1,
    check: Annotated[
        list[str] | None,
        typer.Option("--check", metavar="CHECK,...", help="Only these checks.", show_default="all"),
    ] = None,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_confidence: MinConfidenceOption = None,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
    lang: LangOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    jobs: JobsOption = 0,
) -> None:
    """Draw conversations for a person to label: a sheet that does not tell what we found."""
    from supportaudit.calibration.sample import sample as draw_sample
    from supportaudit.errors import SettingsError
    from supportaudit.output import write_whole

    if output.is_file():
        raise SettingsError(
            f"{output} is there already, and somebody may have filled it in", hint="Write elsewhere with -o."
        )
    reading = _reading(config, no_config, source, mapping, tz, day_first, lang)
    settings = _judging(reading, _split(check), as_of, since, until, min_confidence, jobs)
    with _progress() as progress:
        drawn = draw_sample(files, settings, n, seed, progress)
    write_whole(output, drawn.sheet)
    _say(
        f"{output}: {drawn.drawn:,} of {drawn.of:,} conversations, a column for each of {len(drawn.checks)} checks.\n"
        "Write yes where the customer was failed so, no where not, unsure where you cannot tell; what stays empty is\n"
        "left out. `supportaudit explain CHECK` says what counts. It holds personal data: nothing was sent, and\n"
        "whom you give it to is yours to decide. Then: supportaudit calibrate SHEET EXPORT...",
    )


@app.command(
    rich_help_panel="How right it is",
    epilog=(
        "Examples\n\n"
        "supportaudit calibrate to-label.csv week.zip\n\n"
        "supportaudit calibrate ann.csv --second bob.csv week.zip --format json\n\n"
        "supportaudit calibrate to-label.csv week.zip --target-precision 0.95 --write supportaudit.yaml"
    ),
)
def calibrate(
    labels: Annotated[Path, typer.Argument(help="The reviewed sample, a CSV.", show_default=False)],
    files: Annotated[
        list[Location] | None,
        typer.Argument(
            parser=named, metavar="[EXPORT]...", help="The exports it was drawn from.", show_default=False
        ),
    ] = None,
    second: Annotated[
        Path | None,
        typer.Option("--second", metavar="FILE", help="Another reviewer's verdicts.", show_default=False),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="RESULT.json",
            help="Measure the findings of this JSON result; the exports may be left out then.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        float,
        typer.Option(
            "--target-precision", metavar="NUMBER", min=0, max=1, help="What thresholds must reach."
        ),
    ] = 0.9,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="FILE",
            help="Add the thresholds to this settings file.",
            show_default=False,
        ),
    ] = None,
    output_format: PageFormatOption = PageFormat.TEXT,
    checks_from: ChecksFromOption = None,
    plugin: PluginOption = None,
    as_of: AsOfOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    min_confidence: MinConfidenceOption = None,
    source: SourceOption = None,
    mapping: MapOption = None,
    tz: ZoneOption = None,
    day_first: DayFirstOption = None,
    lang: LangOption = None,
    config: ConfigOption = None,
    no_config: NoConfigOption = False,
    jobs: JobsOption = 0,
) -> None:
    """Measure the checks against a reviewed sample: precision, recall, kappa, and thresholds to suit."""
    from supportaudit.calibration.calibrate import calibrate as measure
    from supportaudit.calibration.labels import read_labels
    from supportaudit.calibration.population import population_of
    from supportaudit.pages import calibration as page
    from supportaudit.settings.thresholds import write_thresholds

    read = read_labels([labels] if second is None else [labels, second])
    reading = _reading(config, no_config, source, mapping, tz, day_first, lang)
    settings = _judging(reading, (), as_of, since, until, min_confidence, jobs)
    with _progress() as progress:
        population = population_of(files or [], settings, against, progress)
    result = measure(read, population, target)
    _print(page.json_page(result) if output_format is PageFormat.JSON else page.text_page(result))
    if write is not None:
        thresholds = page.new_thresholds(result)
        if thresholds:
            write_thresholds(write, thresholds, page.why(result))
            _say(f"{write}: set the thresholds of {', '.join(thresholds)}")
        else:
            _say(f"{write} stays as it is: no threshold to change")


def _judging(
    reading: "Reading", select: tuple[str, ...], as_of: str | None, since: str | None, until: str | None,
    min_confidence: float | None, jobs: int,
) -> "ScanSettings":  # fmt: skip
    """How conversations are to be judged, as typed."""
    from supportaudit.auditing.scan import ScanSettings
    from supportaudit.settings import moments

    return ScanSettings(
        select=select,
        reading=reading,
        as_of=moments.parse_as_of(as_of, reading.zone),
        since=moments.parse_moment(since, reading.zone, "--since"),
        until=moments.parse_moment(until, reading.zone, "--until"),
        min_confidence=min_confidence,
        jobs=jobs,
    )


def _reading(
    config: Path | None, no_config: bool, source: str | None, mapping: list[str] | None, tz: str | None,
    day_first: bool | None, lang: str | None = None,
) -> "Reading":  # fmt: skip
    """How exports are to be read: the settings file, and over it what was typed."""
    from hashlib import sha256

    from supportaudit.auditing.intake import Reading
    from supportaudit.settings.file import read_settings, settings_here
    from supportaudit.settings.moments import parse_language, parse_mapping

    path = None if no_config else config or settings_here()
    return Reading(
        settings=read_settings(path),
        digest=sha256(path.read_bytes()).hexdigest()[:12] if path is not None else "",
        source=source,
        mapping=parse_mapping(_split(mapping)),
        tz=tz,
        day_first=day_first,
        lang=parse_language(lang),
    )


def _language(wanted: str | None) -> str:
    """What people are spoken to in: as typed, or as the machine is set up."""
    from supportaudit.ui import language_of

    return language_of(wanted, os.environ, sys.stdout.encoding)


def _split(values: list[str] | None) -> tuple[str, ...]:
    """`--select a,b --select c` means all three."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar on stderr while it is a terminal; nothing otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    from supportaudit.output import progress_bar

    with progress_bar() as report:
        yield report


def _say(words: str) -> None:
    """A word on standard error of what was done. Files have names that others gave them."""
    from supportaudit.harmless import visible

    typer.echo(visible(words, lines=True), err=True)


def _print(content: str) -> None:
    _print_pieces([content if content.endswith("\n") else content + "\n"])


def _print_pieces(pieces: Iterable[str | bytes]) -> None:
    stream = sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # a console that cannot show a letter shows a question mark
    for piece in pieces:
        if isinstance(piece, bytes):
            _print_bytes(piece)
        else:
            stream.write(piece)
    stream.flush()


def _print_bytes(content: bytes) -> None:
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError("this format is not for a terminal", hint="Name a file with -o.")
    sys.stdout.write(text)


def main() -> NoReturn:
    """Run the command line; every way out has an honest exit code and no traceback."""
    run(app)
