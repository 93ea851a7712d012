"""What `html_to_text` and `split_mail` promise, by example and by property."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportaudit.normalise.text import html_to_text, split_mail

# --- html_to_text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("no markup & none < needed", "no markup & none < needed"),
        (
            "<p>Hello&nbsp;Ana,</p><p>the jug is caf&eacute; &amp; bar size.</p>",
            "Hello Ana,\n\nthe jug is café & bar size.",
        ),
        ("one<br>two<br/>three<div>four</div>five", "one\ntwo\nthree\nfour\nfive"),
        ("<ul><li>red</li><li>blue <b>mug</b></li></ul>", "- red\n- blue mug"),
        (
            "<table><tr><td>Order</td><td>55-118</td></tr><tr><td>Sum</td><td>12</td></tr></table>",
            "Order 55-118\nSum 12",
        ),
        ("<h1>Invoice</h1>text", "Invoice\n\ntext"),
        ("be<b>fo</b>re  \n  and <i>after</i>", "before and after"),
        ("<pre>a\nb</pre>", "a\nb"),
        ("<head><title>x</title><style>p{}</style></head><body><script>1</script>kept</body>", "kept"),
        ('<p>Hi</p><img src="https://t.example/o.gif" width="1" height="1">', "Hi"),
        ('<div style="display: none">preheader</div><p>Hi</p>', "Hi"),
        ("<p>unclosed <b>bold <p>next", "unclosed bold\n\nnext"),
        ("zero\u200bwidth &#x200b;joined", "zerowidth joined"),
    ],
)
def test_html_becomes_lines(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<p>New</p><blockquote>Old<br>lines</blockquote>",
        '<p>New</p><div class="yahoo_quoted">Old<br>lines</div>',
        'New<div class="gmail_quote"><div class="gmail_attr">Old</div><blockquote>lines</blockquote></div>',
        '<p>New</p><div class="gmail_quote">Old<br>lines</div>',
        '<p>New</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Old</div><div>lines</div>',
    ],
)
def test_quoted_html_is_marked_and_split_off(html: str) -> None:
    parts = split_mail(html_to_text(html))
    assert parts.body == "New"
    assert [line.lstrip("> ") for line in parts.quoted.split("\n") if line.strip("> ")] == ["Old", "lines"]


def test_gmail_answers_between_quotes_stay_with_the_author() -> None:
    html = (
        '<div class="gmail_quote"><blockquote>When did it break?</blockquote><div>On Sunday, at noon.</div>'
        "<blockquote>Which model?</blockquote><div>The small one.</div></div>"
    )
    assert split_mail(html_to_text(html)).body.split() == [
        "On",
        "Sunday,",
        "at",
        "noon.",
        "The",
        "small",
        "one.",
    ]


def test_nested_quotes_count_up() -> None:
    assert html_to_text("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e").split("\n") == [
        "a", "", "> b", "", "> > c", "", "> d", "", "e",
    ]  # fmt: skip


HOSTILE = (
    "<div>", "<ul><li>", "<blockquote>", "<b><i></b>", "<table><td>", "<", "<!--", "<a b=1 ",
    "&", "&#x110000;",
    "</p>", '<div class="gmail_quote">', "<font><p>", "\x00", "<svg><style>", "<template>",
)  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_html_takes_linear_time(unit: str) -> None:
    started = time.perf_counter()
    text = html_to_text("start " + unit * 60_000 + " end")
    assert time.perf_counter() - started < 5
    assert "start" in text


@given(st.text(alphabet=st.sampled_from(list("<>/&;=\"' \n\tabpq!-#x0")) | st.characters(), max_size=200))
def test_html_to_text_never_raises(html: str) -> None:
    assert isinstance(html_to_text(html), str)


@given(st.lists(st.text(alphabet="abcxyz", min_size=1, max_size=8), min_size=1, max_size=20))
def test_html_keeps_every_word(words: list[str]) -> None:
    html = "".join(f"<div><p>{word}</p>" for word in words)
    assert html_to_text(html).split() == words


# --- split_mail: signatures ---------------------------------------------------------------------------------

BODY = "Your refund of 42.50 went out this morning."


@pytest.mark.parametrize(
    "signature",
    [
        "Kind regards,\nAnna Petrov\nBrewline Support",
        "Best,\nAnna",
        "Cheers\nanna",
        "Many thanks,\nAnna Petrov | Brewline\n+44 20 7946 0000\nwww.brewline.example",
        "Kind regards, Anna",
        "With sunny greetings,\nGuest Desk",
        "-- \nAnna Petrov\nBrewline, 4 Quay St.\nask us anything!",
        "--\nAnna",
        "Tom Baker\nAcme Support",
        "Anna Petrov, Duty Manager",
        "Dr. J. O'Neill-Ray",
        "The Brewline Team",
        "Your Brewline Care Team",
        "Sent from my iPhone",
        "Anna\n\nSent from my iPhone",
        "Kind regards,\nAnna\n\nThis e-mail is confidential and meant for the intended recipient only.\n"
        "If you are not, please delete it.",
        "Mit freundlichen Grüßen\nU. Brandt",
        "Bien à vous,\nDamien",
        "Saludos cordiales,\nBea Salas",
        "Με εκτίμηση,\nΖωή Παππά",
        "პატივისცემით,\nლევანი",
        "Հարգանքով՝ Հայկ",
    ],
)
def test_signature_is_kept_apart(signature: str) -> None:
    parts = split_mail(f"Hello Ben,\n\n{BODY}\n\n{signature}")
    assert parts.body == f"Hello Ben,\n\n{BODY}"
    assert parts.signature.split() == signature.split()


@pytest.mark.parametrize(
    "mark",
    [
        "^JK",
        "^anna",
        "-Becky",
        "- Becky",
        "*QB",
        "/EX",
        "–Jen",
        "*QB 2/2",
        "^AnnaP",
        "-M",
        "~Inês",
        "– Lucía",
        "-ნინო",
    ],
)
def test_social_signature_is_kept_apart(mark: str) -> None:
    for text in (
        f"@ben We are on it. {mark}",
        f"First line here\n@ben We are on it. {mark}",
        f"We are on it.\n{mark}",
    ):
        parts = split_mail(text)
        assert parts.signature == mark
        assert parts.body == text.removesuffix(mark).rstrip()


@pytest.mark.parametrize(
    "text", ["Call it done.-Sam", "Thanks.^Kartika", "see https://x.example/a ^TR", "(2/2)^ML"]
)
def test_social_signature_may_stick_to_the_sentence(text: str) -> None:
    assert split_mail(text).signature.strip("^-") in ("Sam", "Kartika", "TR", "ML")


@pytest.mark.parametrize(
    "last",
    [
        "Where is it?", "1 april", "yes", "Yes", "No", 'Please add "KA".', "KA-4471", "Order 88123",
        "It arrived!", "Black",
        "Refund please", "size M", "I am waiting", "two of them", "Monday", "any news", "42", "thanks",
        "ok bye",
        "Thank you for your help", "it is still broken", "Is it Anna", "Three weeks. Nothing.",
        "T-Mobile is no option.",
    ],
)  # fmt: skip
def test_a_short_last_line_is_not_a_signature(last: str) -> None:
    for text in (
        f"Hello,\nthe kettle never came.\n{last}",
        f"the kettle never came.\n\n{last}",
        last,
        f"Hello,\n\n{last}",
    ):
        assert split_mail(text) == (text, "", "", "")


@pytest.mark.parametrize(
    "text",
    [
        "^JK",
        "24/7",
        "I need WiFi-Max and T-Mobile",
        "use 2^n",
        "either and/or",
        "I ordered:\n\nRed Mug\nBlue Mug",
        "I'd like two more\n- Milk jug\n- Tamper",
        "Hi\nAnna",
        "Dear Support,\nAnna Petrov",
        "Thanks\nAnna",
        "This e-mail address is not registered with your shop, it says.\nWhy?",
        "It was lost.\nThis message is still registered as unread in your system.",
        "Colours?\n\nRed Mug\nBlue Mug\nGreen Mug",
    ],
)
def test_what_is_no_signature_stays(text: str) -> None:
    assert split_mail(text).body == text


# --- split_mail: history, subject, headers ------------------------------------------------------------------

HISTORIES = [
    "> an old line\n> another",
    "On Mon, 4 May 2026 at 10:22, Anna <a@b.example> wrote:\n> an old line",
    "On Mon, 4 May 2026 at 10:22, Anna Petrov of Brewline\n<a@b.example> wrote:\n> an old line",
    "On Mon, 4 May 2026 at 10:22, Anna <a@b.example> wrote:\nan old line without marks",
    "On 4 May Anna wrote:\n> an old line",
    "Am Mo., 4. Mai 2026 um 10:22 Uhr schrieb Anna <a@b.example>:\n> alt",
    "Le lun. 4 mai 2026 à 10:22, Anna <a@b.example> a écrit :\n> vieux",
    "El lun, 4 may 2026 a las 10:22, Anna (<a@b.example>) escribió:\n> viejo",
    "Στις Δευ, 4 Μαΐ 2026 στις 10:22 π.μ., ο χρήστης Anna <a@b.example> έγραψε:\n> παλιό",
    "ორშ, 4 მაი. 2026, 10:22-ზე Anna <a@b.example> დაწერა:\n> ძველი",
    "2026 թ. մայիսի 4, 10:22-ին Anna <a@b.example> գրել է՝\n> հին",
    "-----Original Message-----\nFrom: Anna\nSent: Monday\nTo: Ben\nSubject: Re: jug\n\nan old line",
    "---------- Forwarded message ---------\nold text",
    "________________________________\nFrom: Anna <a@b.c>\nSent: Monday\nTo: Ben\nSubject: Re: jug\nold",
    "From: Anna <a@b.example>\nSent: Monday, 4 May\nTo: Ben\nSubject: Re: jug\n\nold text",
    "Von: Anna\nGesendet: Montag\nAn: Ben\nBetreff: Krug\n\nalter Text",
    "*From:* Anna\n*Date:* Monday\n*To:* Ben\n*Subject:* Re: jug\n\nold text",
]


@pytest.mark.parametrize("history", HISTORIES)
def test_history_is_kept_apart(history: str) -> None:
    parts = split_mail(f"It still leaks.\n\nBen\n\n{history}")
    assert parts == ("It still leaks.", "Ben", history, "")


def test_inline_answers_stay_in_the_body() -> None:
    parts = split_mail(
        "On 4 May Anna wrote:\n> Which model?\nThe small one.\n\n> Since when?\nSunday.\n\nKind regards,\nBen"
    )
    assert parts.body == "The small one.\n\nSunday."
    assert parts.signature == "Kind regards,\nBen"
    assert parts.quoted == "On 4 May Anna wrote:\n> Which model?\n> Since when?"


@pytest.mark.parametrize(
    "text",
    [
        "On 12 March your colleague wrote:\nwe will refund you.\nNothing came.",
        "From: Lisbon\nTo: Porto\nDate: 12 March\n\nCan I change this?",
        "I paid twice.\n__________________________\nTotal: 40",
        ">:(",
        "Hi there\n>:(",
        "Subject: where is my order?",
        "Subject: where is my order?\n\n",
    ],
)
def test_in_doubt_the_text_stays(text: str) -> None:
    assert split_mail(text) == (text.strip(), "", "", "")


def test_subject_is_split_off() -> None:
    parts = split_mail("Subject: Broken jug, order 55-118\r\n\r\nHello,\r\nthe jug is cracked.\r\nBen Ode")
    assert parts == ("Hello,\nthe jug is cracked.", "Ben Ode", "", "Broken jug, order 55-118")


def test_pasted_headers_are_no_text() -> None:
    parts = split_mail("To: help@brewline.example\nSubject: jug\n\nIs anybody there?")
    assert parts == ("Is anybody there?", "", "To: help@brewline.example", "jug")


def test_an_answer_of_quotes_only_has_no_body() -> None:
    assert split_mail("> one\n> two") == ("", "", "> one\n> two", "")


# --- split_mail: properties ---------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "", " ", "Hi Anna,", "Where is it?", "It broke.", "Kind regards,", "Anna", "Anna Petrov",
        "Acme Support", "> old", "-- ",
        "--", "On 4 May 2026, 10:22 Anna <a@b.example> wrote:", "-----Original Message-----", "From: Anna",
        "Sent: Monday",
        "To: Ben", "Subject: jug", "Subject: Re: jug", "________________________________",
        "Sent from my iPhone", "^JK",
        "Done. -Becky", "+44 20 7946 0000", "Thanks", "thanks, ben",
        "This e-mail is confidential, intended for you.", "yes",
        "დიახ", "პატივისცემით,", "- Tom", "On 4 May", "> > older", "წერილი: 1",
    ]
)  # fmt: skip
MAILS = st.one_of(
    st.text(max_size=300),
    st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=25).map("\n".join),
)


def characters(*texts: str) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


@given(MAILS)
def test_nothing_is_lost(text: str) -> None:
    parts = split_mail(text)
    missing = characters(text) - characters(*parts)
    assert not characters(*parts) - characters(text)
    assert not missing or (parts.subject and missing <= characters("Subject:**"))


@given(st.lists(LINES, max_size=25).map("\n".join))
def test_a_body_is_not_emptied_by_its_signature(text: str) -> None:
    parts = split_mail(text)
    if parts.signature:
        assert any(character.isalnum() for character in parts.body)


@given(st.lists(st.sampled_from(["It broke.", "Where is my order?", "", "Hi Anna,"]), min_size=1, max_size=6),
       st.sampled_from(["", "Kind regards,\nAnna", "Anna Petrov\nAcme Support", "-- \nAnna", "Done. ^JK"]),
       st.sampled_from(["", *HISTORIES]))  # fmt: skip
def test_a_body_splits_into_itself(lines: list[str], signature: str, history: str) -> None:
    body = split_mail("\n".join(lines) + "\n\n" + signature + "\n\n" + history).body
    assert split_mail(body).body == body


@pytest.mark.parametrize(
    "unit",
    [
        "> ",
        "On 1 ",
        "On 1 \n",
        "From: a\n",
        "--\n",
        "Kind regards,\n",
        "Anna\n",
        "^",
        " -A",
        "_" * 20 + "\n",
        "\n \n",
        "a:\n",
    ],
)
def test_hostile_mail_takes_linear_time(unit: str) -> None:
    started = time.perf_counter()
    split_mail("Hello there you all.\n" + unit * (2_000_000 // len(unit)))
    assert time.perf_counter() - started < 10
