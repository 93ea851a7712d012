"""Our verdicts measured against a reader: what is read from a sheet, hand-computed figures, thresholds written."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from supportaudit.auditing.scan import ScanSettings, scan
from supportaudit.calibration.calibrate import Calibrated, Calibration, calibrate, weighted
from supportaudit.calibration.labels import Label, Labels, read_labels
from supportaudit.calibration.population import Population, audited, of_result, read_result, with_result
from supportaudit.calibration.sample import draw
from supportaudit.calibration.verdicts import Found, Verdicts
from supportaudit.errors import InputError, SettingsError
from supportaudit.pages.calibration import json_page, new_thresholds, text_page
from supportaudit.settings.thresholds import write_thresholds
from supportaudit.settings.written import load_settings

# --- the labels


def sheet(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, text: str) -> set[tuple[str, str, bool | None, str]]:
    labels = read_labels([sheet(path / "labels.csv", text)]).labels
    return {(label.conversation, label.check, label.failed, label.reviewer) for label in labels}


def refused(path: Path, text: str) -> str:
    with pytest.raises(InputError) as error:
        read(path, text)
    assert "\n" not in error.value.message
    return error.value.message.removeprefix(str(path / "labels.csv")).strip(": ")


WIDE = (
    "conversation,channel,rudeness,arguing,reviewer,note\n7,chat,yes,no,,\n8,chat,,unsure,,hm\n9,chat,no,,,\n"
)


def test_a_wide_sheet(tmp_path: Path) -> None:
    expected = {("7", "rudeness", True, ""), ("7", "arguing", False, ""), ("9", "rudeness", False, "")}
    assert read(tmp_path, WIDE) == expected
    assert read_labels([tmp_path / "labels.csv"]).unsure == 1


def test_a_long_sheet(tmp_path: Path) -> None:
    text = (
        "check;verdict;conversation;reviewer\nSlow reply;fail;7;Ann\nslow_reply;PASS;8;Ann\nrudeness;;9;Ann\n"
    )
    assert read(tmp_path, text) == {("7", "slow-reply", True, "Ann"), ("8", "slow-reply", False, "Ann")}


@pytest.mark.parametrize(
    ("word", "verdict"),
    [(word, True) for word in ("yes", "Y", "1", "TRUE", "fail", "Failed", " yes ")]
    + [(word, False) for word in ("no", "N", "0", "False", "pass", "PASSED")],
)
def test_many_spellings_of_a_verdict(word: str, verdict: bool, tmp_path: Path) -> None:
    assert read(tmp_path, f"conversation,rudeness\n7,{word}\n") == {("7", "rudeness", verdict, "")}


@pytest.mark.parametrize("word", ["unsure", "?", "Unsure", "n/a", "-"])
def test_what_is_not_judged_is_counted_and_left_out(word: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"conversation,rudeness,arguing\n7,{word},no\n") == {("7", "arguing", False, "")}
    assert read_labels([tmp_path / "labels.csv"]).unsure == 1


def test_as_spreadsheets_save_it(tmp_path: Path) -> None:
    expected = read_labels([sheet(tmp_path / "plain.csv", "conversation,rudeness\nÄ7,yes\n'007,no\n")]).labels
    assert [label.conversation for label in expected] == ["007", "Ä7"]
    for n, (text, encoding) in enumerate(
        [
            ("conversation;rudeness\r\nÄ7;yes\r\n'007;no\r\n", "utf-8-sig"),
            ("conversation\trudeness\r\nÄ7\tyes\r\n007\tno\r\n", "utf-16"),
            ("sep=;\r\nconversation;rudeness\r\nÄ7;yes\r\n007;no\r\n", "cp1252"),
            ('"conversation","rudeness",,\r\n"Ä7","yes",,\r\n,,,\r\n"007","no",,\r\n', "utf-8"),
        ]
    ):
        assert read_labels([sheet(tmp_path / f"{n}.csv", text, encoding)]).labels == expected


def test_two_reviewers_in_a_column_or_in_two_files(tmp_path: Path) -> None:
    one = sheet(tmp_path / "one.csv", "conversation,rudeness,reviewer\n7,yes,Ann\n7,no,Bob\n")
    assert read_labels([one]).reviewers == ("Ann", "Bob")
    ann = sheet(tmp_path / "ann.csv", "conversation,rudeness\n7,yes\n")
    bob = sheet(tmp_path / "bob.csv", "conversation,rudeness,reviewer\n7,no,Bob\n8,no,\n")
    both = read_labels([ann, bob])
    assert both.reviewers == (str(ann), "Bob")
    assert [label.reviewer for label in both.labels if label.conversation == "8"] == ["Bob"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "line 1: there is no column 'conversation'"),
        ("conversation,note\n7,x\n", "line 1: no column is a check"),
        ("conversation,check\n7,rudeness\n", "line 1: there is no column 'verdict'"),
        ("conversation,rudness\n7,yes\n", "line 1: the column 'rudness' is no check; did you mean 'rudeness'?"),
        ("conversation,rudeness,rudeness\n7,yes,no\n", "line 1: the column 'rudeness' stands twice"),
        ("conversation,rudeness\n7,yes\n8,perhaps\n", "line 3: 'perhaps' under rudeness is no verdict; write yes, no"),
        ("conversation,rudeness\n,yes\n", "line 2: holds verdicts, but no conversation"),
        ("conversation,rudeness\n7,yes,no\n", "line 2: has more cells than the header"),
        ("conversation,check,verdict\n7,rudness,yes\n", "line 2: there is no check 'rudness'; did you mean"),
        ("conversation,rudeness\n7,yes\n8,no\n7,no\n", "line 4: rudeness of '7' is judged otherwise than in"),
        ("conversation,rudeness\n7,\n", "nobody has judged anything yet"),
        ('conversation,rudeness\n7,"yes\n8,no\n', "line 2: is not CSV"),
        (
            'conversation,transcript,rudeness\n7,"a\nb\nc",yes\n8,"a\nb",hm\n',
            "line 5 (row 3 of the sheet): 'hm' under rudeness",
        ),
        ("conversation,rudeness,reviewer\n7,yes,A\n7,no,B\n8,no,\n", "line 4: names no reviewer"),
        ("conversation,rudeness,reviewer\n7,yes,A\n7,no,B\n8,no,C\n", "3 reviewers ('A', 'B', 'C'); two at most"),
        ("PK\x03\x04 and so on", "is a workbook; save it as CSV"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, text).startswith(said)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: no such file"):
        read_labels([tmp_path / "labels.csv"])


CELLS = st.sampled_from(
    [
        "conversation",
        "check",
        "verdict",
        "reviewer",
        "rudeness",
        "yes",
        "no",
        "?",
        "7",
        '"',
        "",
        "\n",
        "é",
        "\x00",
    ]
) | st.text(max_size=8)


@given(
    st.lists(st.lists(CELLS, max_size=5), max_size=6),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.binary(max_size=20),
)
@hypothesis_settings(max_examples=400, deadline=None)
def test_any_junk_is_read_or_refused_in_a_sentence(
    rows: list[list[str]], delimiter: str, quoted: bool, tail: bytes
) -> None:
    import tempfile

    out = io.StringIO()
    if quoted:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    else:
        out.write("\n".join(delimiter.join(row) for row in rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        for data in (
            tail,
            b"conversation,rudeness\n" + tail,
            out.getvalue().encode("utf-8", "replace") + tail,
        ):
            path.write_bytes(data)
            try:
                assert read_labels([path]).labels
            except InputError as error:
                assert error.message.startswith(str(path))
                assert len(error.message) < 400 + len(str(path))


# --- the figures


def labels(said: Mapping[str, Mapping[str, str]] | Mapping[str, str], check: str = "rudeness") -> Labels:
    """`{"c1": "y"}`, or `{"Ann": {"c1": "y"}}` of several reviewers."""
    by = said if all(isinstance(body, Mapping) for body in said.values()) else {"": said}
    made = tuple(
        Label(name, check, word == "y", reviewer)
        for reviewer, body in by.items()
        if isinstance(body, Mapping)
        for name, word in body.items()
    )
    return Labels(made, tuple(sorted(by)))


def talks(
    *groups: tuple[str, int, Mapping[str, float]], checks: Sequence[str] = ("rudeness", "arguing")
) -> Population:
    """`(letter, how many, confidence by failed check)`: conversations a0, a1, ..."""
    made = [
        Verdicts(
            f"{letter}{n}", "chat", tuple(c for c in checks if c not in found),
            {check: Found(sure, f"quote {letter}{n}", "said so") for check, sure in found.items()},
        )
        for letter, count, found in groups
        for n in range(count)
    ]  # fmt: skip
    return audited(made, dict.fromkeys(checks, 0.5))


def only(result: Calibration) -> Calibrated:
    (one,) = result.checks
    return one


def test_a_sample_is_weighted_back_to_the_export() -> None:
    """10 of 100 fail. Of 5 of these the reader shares 4; of 30 others the reader fails 1.

    So 8 both, 2 only ours, 3 only theirs, 87 neither: precision 8/10, recall 8/11, F1 16/21, and kappa
    (0.95 - 0.812) / (1 - 0.812), for chance agrees in (10 * 11 + 90 * 89) / 10000.
    """
    said = {f"f{n}": "yyyyn"[n] for n in range(5)} | {f"p{n}": "y" if n == 7 else "n" for n in range(30)}
    one = only(calibrate(labels(said), talks(("f", 10, {"rudeness": 0.8}), ("p", 90, {}))))
    assert (one.found, one.passed, one.pairs, one.failed) == (10, 90, 35, 5)
    for figure, value in (
        (one.precision, 8 / 10),
        (one.recall, 8 / 11),
        (one.f1, 16 / 21),
        (one.kappa, 0.138 / 0.188),
    ):
        assert figure.value == pytest.approx(value)
        assert figure.enough and figure.interval is not None
        assert figure.interval.low < value < figure.interval.high
    assert [(j.conversation, j.found and j.found.quote) for j in one.false_alarms] == [("f4", "quote f4")]
    assert [(j.conversation, j.channel) for j in one.misses] == [("p7", "chat")]


def test_conversations_drawn_for_another_check_weigh_less() -> None:
    """90 pass: 20 of them argue, of which 10 are judged (weight 2), of the other 70 only 14 (weight 5)."""
    population = talks(("f", 10, {"rudeness": 0.8}), ("a", 20, {"arguing": 0.8}), ("p", 70, {}))
    said = {name: {"": name in ("a3", "p3")} for letter, n in (("f", 10), ("a", 10), ("p", 14))
            for name in (f"{letter}{k}" for k in range(n))}  # fmt: skip
    judged = weighted("rudeness", said, population, population.strata("rudeness"))
    weights = {one.conversation[0]: one.weight for one in judged}
    assert weights == {"f": 1, "a": 2, "p": 5}
    assert sum(one.weight * one.failed for one in judged) == pytest.approx(7)


def test_a_stratum_nobody_judged_is_stood_for_by_its_neighbours() -> None:
    population = talks(("f", 10, {"rudeness": 0.8}), ("a", 20, {"arguing": 0.8}), ("p", 70, {}))
    said = {f"p{n}": {"": False} for n in range(9)}
    judged = weighted("rudeness", said, population, population.strata("rudeness"))
    assert [one.weight for one in judged] == pytest.approx([10.0] * 9)


def test_over_many_samples_the_estimate_is_right() -> None:
    """True failures cluster where other checks found something, which a sample holds too many of."""
    population = talks(
        ("f", 30, {"rudeness": 0.8}),
        ("g", 10, {"rudeness": 0.8, "arguing": 0.7}),
        ("a", 60, {"arguing": 0.8}),
        ("p", 900, {}),
    )
    true = {
        name
        for name in population.verdicts
        if (name[0] in "fg" and int(name[1:]) % 4)
        or (name[0] == "a" and int(name[1:]) < 12)
        or name in ("p1", "p2")
    }
    missed = sum(name[0] in "ap" for name in true)
    estimates = []
    for seed in range(150):
        drawn = draw(population.verdicts.values(), population.checks, 100, seed)
        said = {name: {"": name in true} for name in drawn}
        judged = weighted("rudeness", said, population, population.strata("rudeness"))
        estimates.append(sum(one.weight * one.failed for one in judged if one.found is None))
        assert sum(one.weight for one in judged) == pytest.approx(1000)
    assert sum(estimates) / len(estimates) == pytest.approx(missed, rel=0.15)


def test_nothing_is_said_of_what_nobody_looked_at() -> None:
    population = talks(("f", 10, {"rudeness": 0.8}), ("p", 90, {}))
    found_only = only(calibrate(labels({f"f{n}": "y" for n in range(10)}), population))
    assert found_only.precision.value == 1
    assert found_only.recall.value is None and found_only.kappa.value is None
    passed_only = only(calibrate(labels({f"p{n}": "n" for n in range(10)}), population))
    assert passed_only.precision.value is None and passed_only.recall.value is None


def test_no_miss_among_few_is_no_proof_that_nothing_is_missed() -> None:
    said = {f"f{n}": "y" for n in range(10)} | {f"p{n}": "n" for n in range(50)}
    one = only(calibrate(labels(said), talks(("f", 10, {"rudeness": 0.8}), ("p", 990, {}))))
    assert one.recall.value == 1
    assert one.recall.interval is not None and one.recall.interval.low < 0.4


def test_too_few_are_said_to_be_too_few() -> None:
    said = {f"f{n}": "y" for n in range(4)} | {f"p{n}": "n" for n in range(20)}
    result = calibrate(labels(said), talks(("f", 4, {"rudeness": 0.8}), ("p", 90, {})))
    one = only(result)
    assert not (one.precision.enough or one.recall.enough or one.kappa.enough)
    assert one.threshold is None and one.too_few_for_threshold
    assert "too few to say: 4 findings judged, 5 needed" in text_page(result)


def test_two_reviewers_count_half_each_and_are_compared_with_each_other() -> None:
    """Each of 20 and 15 of 50 agree, 5 and 10 differ: kappa 0.4, as in Cohen's way of counting."""
    names = [f"p{n}" for n in range(50)]
    ann = {name: "y" if n < 25 else "n" for n, name in enumerate(names)}
    bob = {name: "y" if n < 20 or 25 <= n < 35 else "n" for n, name in enumerate(names)}
    one = only(calibrate(labels({"Ann": ann, "Bob": bob}), talks(("p", 50, {}))))
    assert one.reviewers is not None and one.reviewers.value == pytest.approx(0.4)
    assert (one.both, one.failed) == (50, 27.5)
    assert len(one.disputed) == 15 and len(one.misses) == 20
    assert one.recall.value == 0


def test_what_we_could_not_judge_is_left_out_and_told() -> None:
    population = talks(("f", 5, {"rudeness": 0.8}), ("p", 20, {}))
    strange = Verdicts("x", "chat", ("arguing",), {})
    population = audited([*population.verdicts.values(), strange], population.thresholds)
    said = {f"f{n}": "y" for n in range(5)} | {f"p{n}": "n" for n in range(5)} | {"x": "y"}
    result = calibrate(labels(said), population)
    one = only(result)
    assert (one.passed, one.pairs, one.not_judged, one.missed_there) == (20, 10, 1, 1)
    assert "1 labelled pair could not be judged by us; 1 failed by the reader" in text_page(result)


def test_labels_of_other_conversations() -> None:
    population = talks(("p", 5, {}))
    result = calibrate(labels({"p0": "n", "z": "n"}), population)
    assert result.unknown == ("z",)
    assert "1 labelled conversation the export does not hold: z" in text_page(result)
    with pytest.raises(
        InputError, match="none of the 1 labelled conversations is in the export; the first is 'z'"
    ):
        calibrate(labels({"z": "n"}), population)


# --- thresholds


def graded() -> Calibration:
    """All 10 findings judged: at 0.5 one of 3 true, at 0.6 two of 2, at 0.8 five of 5. So 8 of 10, and 7 of 7."""
    population = talks(
        ("l", 3, {"rudeness": 0.5}), ("m", 2, {"rudeness": 0.6}), ("h", 5, {"rudeness": 0.8}), ("p", 90, {})
    )
    said = {name: "n" if name in ("l1", "l2") or name[0] == "p" else "y" for name in population.verdicts}
    return calibrate(labels(said), population)


def test_the_lowest_threshold_that_reaches_the_target() -> None:
    result = graded()
    threshold = only(result).threshold
    assert threshold is not None
    assert (threshold.least, threshold.precision, threshold.kept, threshold.true) == (0.6, 1, 7, 8)
    assert threshold.share == pytest.approx(7 / 8)
    assert new_thresholds(result) == {"rudeness": 0.6}
    assert "threshold 0.6 instead of 0.5: precision 1.00, keeps 7 of 8 true findings" in text_page(result)
    assert "  rudeness: {min-confidence: 0.6}" in text_page(result)


def test_a_target_already_reached_changes_nothing_and_one_out_of_reach_neither() -> None:
    population = talks(("l", 10, {"rudeness": 0.7}), ("p", 10, {}))
    said = {name: "y" if name[0] == "l" and name != "l0" else "n" for name in population.verdicts}
    easy, hard = (calibrate(labels(said), population, target) for target in (0.9, 0.95))
    assert (threshold := only(easy).threshold) is not None and threshold.least == 0.5
    assert only(hard).threshold is None
    assert new_thresholds(easy) == new_thresholds(hard) == {}


SETTINGS = "# ours\nlimits:\n  chat: 7 min  # fast\n"


@pytest.mark.parametrize(
    "before",
    [
        SETTINGS,
        SETTINGS.rstrip(),
        SETTINGS.replace("\n", "\r\n"),
        "\ufeff" + SETTINGS,
        "",
        "# nothing yet\n",
        "---\n" + SETTINGS,
    ],
)
def test_thresholds_are_added_and_all_else_stays(before: str, tmp_path: Path) -> None:
    path = tmp_path / "supportaudit.yaml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    limits = load_settings(path).wait_limits()
    write_thresholds(path, {"rudeness": 0.6, "arguing": 1.0}, "By hand.")
    after = path.read_bytes().decode()
    assert after.startswith(before)
    found = load_settings(path)
    assert found.checks is not None
    assert found.checks.thresholds(None) == {"rudeness": 0.6, "arguing": 1.0}
    assert found.wait_limits() == limits
    assert path.stat().st_mode & 0o777 == 0o640
    assert after.count("\r\n") in (0, after.count("\n"))
    assert [p.name for p in tmp_path.iterdir()] == ["supportaudit.yaml"]


def test_a_settings_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new.yaml"
    write_thresholds(path, {"rudeness": 0.6}, "By hand.")
    assert path.read_text() == "# By hand.\nchecks:\n  rudeness: {min-confidence: 0.6}\n"


@pytest.mark.parametrize(
    "before",
    [
        "checks: {arguing: {enabled: false}}\n",
        "checks:\n",
        "{limits: {chat: 5 min}}\n",
        "limits: {}\n...\n",
        "limits: {chat: 5}\n",
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(before: str, tmp_path: Path) -> None:
    path = tmp_path / "supportaudit.yaml"
    path.write_text(before)
    with pytest.raises(SettingsError) as error:
        write_thresholds(path, {"rudeness": 0.6}, "By hand.")
    assert (
        "rudeness: {min-confidence: 0.6}" in error.value.hint
        or "chat must say its unit" in error.value.message
    )
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["supportaudit.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(SETTINGS)
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    write_thresholds(tmp_path / "link.yaml", {"rudeness": 0.6}, "By hand.")
    assert (tmp_path / "link.yaml").is_symlink()
    assert load_settings(tmp_path / "real.yaml").checks


# --- the whole way, with an export of invented conversations


def export(path: Path) -> Path:
    """40 chats: in 10 (w0 to w9) the customer waits for two hours, in 30 (q0 to q29) one minute."""
    head = "conversation_id,message_id,created_at,channel,customer_id,author_name,role,text"
    lines = [head]
    for name in [f"w{n}" for n in range(10)] + [f"q{n}" for n in range(30)]:
        answered = "12:00" if name[0] == "w" else "10:01"
        lines += [
            f"{name},{name}-1,2026-03-02T10:00:00Z,chat,c-{name},Ana,customer,Where is my parcel?",
            f'{name},{name}-2,2026-03-02T{answered}:00Z,chat,c-{name},Tom,agent,"Ana, it comes today. Tom"',
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def fill(path: Path, failed: set[str], check: str = "slow-reply") -> set[str]:
    """Do a reviewer's work; returns who stood in the sheet."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[check] = "yes" if row["conversation"] in failed else "no"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)
    return {row["conversation"] for row in rows}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "supportaudit", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def test_sample_fill_calibrate(tmp_path: Path) -> None:
    """20 are drawn: 10 that waited, 10 of the 30 others. The reader shares all but w0, and fails one that we passed.

    So 9 both, 1 only ours, 3 only theirs: precision 9/10, recall 9/12.
    """
    export(tmp_path / "week.csv")
    done = run(tmp_path, "sample", "week.csv", "-n", "20", "--check", "slow-reply", "-o", "label.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert "label.csv: 20 of 40 conversations" in done.stderr and "personal data" in done.stderr
    again = run(tmp_path, "sample", "week.csv", "-o", "label.csv")
    assert again.returncode == 2 and "is there already" in again.stderr
    waited = {f"w{n}" for n in range(10)}
    drawn = fill(tmp_path / "label.csv", waited)
    quick = sorted(drawn - waited)
    assert len(quick) == 10
    run(tmp_path, "sample", "week.csv", "-n", "20", "--check", "slow-reply", "-o", "label2.csv")
    fill(tmp_path / "label2.csv", (waited - {"w0"}) | {quick[0]})
    done = run(tmp_path, "calibrate", "label2.csv", "week.csv", "--format", "json")
    assert done.stderr == ""
    (one,) = json.loads(done.stdout)["checks"]
    assert (one["check"], one["found"], one["passed"], one["pairs"]) == ("slow-reply", 10, 30, 20)
    assert (one["precision"]["value"], one["recall"]["value"]) == (0.9, 0.75)
    assert one["misses"] == [{"conversation_id": quick[0], "channel": "chat"}]
    assert one["false_alarms"][0]["conversation_id"] == "w0"
    assert "waited 2 h for the first reply" in one["false_alarms"][0]["quote"]

    result = run(tmp_path, "scan", "week.csv", "--format", "json", "-o", "result.json")
    assert result.returncode == 0
    for arguments in (["--against", "result.json"], ["week.csv", "--against", "result.json"]):
        done = run(tmp_path, "calibrate", "label2.csv", *arguments, "--format", "json")
        (same,) = json.loads(done.stdout)["checks"]
        assert {key: same[key] for key in ("precision", "recall", "kappa")} == {
            key: one[key] for key in ("precision", "recall", "kappa")
        }
    both = run(tmp_path, "calibrate", "label.csv", "--second", "label2.csv", "week.csv")
    assert "between the reviewers, 20 pairs" in both.stdout
    nothing = run(tmp_path, "calibrate", "label.csv")
    assert nothing.returncode == 2 and "there is nothing to measure" in nothing.stderr


def test_thresholds_are_written_and_honoured(tmp_path: Path) -> None:
    week = Path(__file__).parents[1] / "examples" / "shop-week.csv"
    surest: dict[str, float] = {}
    for finding in scan([week], ScanSettings(jobs=1, select=("not-listening",))).findings:
        surest[finding.conversation_id] = max(finding.confidence, surest.get(finding.conversation_id, 0))
    middle = sorted(surest.values())[len(surest) // 2]
    right = {name for name, sure in surest.items() if sure >= middle}
    assert 5 <= len(right) < len(surest)
    run(tmp_path, "sample", str(week), "-n", "60", "--check", "not-listening", "-o", "label.csv")
    fill(tmp_path / "label.csv", right, "not-listening")
    (tmp_path / "supportaudit.yaml").write_text(SETTINGS)
    done = run(
        tmp_path,
        "calibrate",
        "label.csv",
        str(week),
        "--target-precision",
        "1",
        "--write",
        "supportaudit.yaml",
    )
    assert (done.returncode, done.stderr) == (0, "supportaudit.yaml: set the thresholds of not-listening\n")
    text = (tmp_path / "supportaudit.yaml").read_text()
    assert text.startswith(SETTINGS) and f"not-listening: {{min-confidence: {middle:g}}}" in text
    card = json.loads(run(tmp_path, "scan", str(week), "--select", "not-listening", "-f", "json").stdout)[
        "scorecard"
    ]
    assert card["checks"][0]["failed"] == len(right)
    again = run(
        tmp_path,
        "calibrate",
        "label.csv",
        str(week),
        "--target-precision",
        "1",
        "--write",
        "supportaudit.yaml",
    )
    assert "supportaudit.yaml stays as it is" in again.stderr


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"findings": [], "scorecard": {}}', "\x00", '{"findings": 3}']
)
def test_what_is_no_result_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(InputError, match="is no result of `supportaudit scan --format json`"):
        read_result(path)


def test_a_result_tells_what_was_found_and_the_export_what_could_not_be_judged(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    finding = {"check": "rudeness", "conversation_id": "a", "confidence": 0.7, "quote": "q", "reason": "r"}
    card = {"conversations": 10, "checks": [{"check": "rudeness", "judged": 8, "failed": 1}]}
    path.write_text(
        json.dumps({"findings": [finding], "scorecard": card, "run": {"settings": {"min_confidence": "0.6"}}})
    )
    result = read_result(path)
    alone = of_result(result)
    assert (alone.conversations, alone.thresholds) == (10, {"rudeness": 0.6})
    assert (alone.strata("rudeness").found, alone.strata("rudeness").passed) == (1, 7)
    verdicts = [
        Verdicts("a", "chat", ("rudeness",), {}),
        Verdicts("b", "", ("rudeness",), {}),
        Verdicts("c", "", (), {}),
    ]
    both = with_result(verdicts, result)
    assert (both.strata("rudeness").found, both.strata("rudeness").passed) == (1, 1)
    assert json_page(calibrate(labels({"a": "y", "b": "n"}), both)).startswith("{")
