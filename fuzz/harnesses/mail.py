"""HTML to text, and mail taken apart: the first byte says how often the rest is repeated."""

from collections import Counter
from collections.abc import Iterator

from fuzz.harness import Harness
from supportaudit.normalise.text import html_to_text, split_mail

_LABEL = 25  # letters of the longest word for a subject, its colon and asterisks
_REPEATED = (*(1,) * 15, 100)


def check(data: bytes) -> None:
    """Nothing is raised, nothing is lost but blanks and the word of a subject line, and it takes linear time."""
    text = data[1:].decode("utf-8", "replace") * (_REPEATED[data[0] % len(_REPEATED)] if data else 1)
    plain = html_to_text(text)
    assert plain == plain.strip() and "\r" not in plain
    for mail in (text, plain):
        parts = split_mail(mail)
        before, after = _characters(mail), _characters(*parts)
        missing = before - after
        assert not after - before, "something was added"
        labels = sum(1 for line in mail.splitlines() if ":" in line[:40])
        assert missing.total() <= labels * _LABEL and not any(map(str.isdigit, missing)), f"lost: {missing}"
        assert not parts.signature or any(map(str.isalnum, parts.body)), "a signature without a message"


def _characters(*texts: str) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


def seeds() -> Iterator[bytes]:
    """Mails as desks export them."""
    letters = (
        "Hello,\nwhere is it?\n\nKind regards,\nAnna Petrov\nBrewline Support\n+44 20 7946 0000",
        "Subject: Order 7\nFrom: a@b.example\nTo: c@d.example\n\nIt broke.\n\nSent from my iPhone",
        "Yes.\n\nOn Mon, 1 May 2026 at 10:00, Anna <a@b.example> wrote:\n> Is it here?\n> \n> Anna",
        "Ja.\n\nVon: A\nGesendet: Montag\nAn: B\nBetreff: Re: x\n\nalt", "-----Original Message-----\nold", "Done. ^JK",
        "<div>Hi <b>you</b></div><blockquote type=cite>old</blockquote><p>-- <br>Anna</p>",
        "<table><tr><td>a<td>b</table><ul><li>x<li>y</ul><pre> 1\n 2</pre><img alt=z><!-- c --><style>p{}</style>",
        "<html><body><div class=gmail_quote>old</div><a href='x'>y</a>&nbsp;&amp;&#0;&bogus;", "@a @b: hi -T",
    )  # fmt: skip
    for letter in letters:
        yield b"\0" + letter.encode()
        yield b"\x0f" + letter.encode()


WORDS = (
    *(
        "<p>",
        "</p>",
        "<div>",
        "<blockquote>",
        "<br>",
        "<td>",
        "<pre>",
        "<!--",
        "-->",
        "<![CDATA[",
        "&nbsp;",
        "&#x0;",
    ),
    *(
        "> ",
        ">>",
        "-- \n",
        "__________",
        "From:",
        "Sent:",
        "Subject:",
        "On",
        "wrote:",
        "schrieb",
        "Best,",
        "Anna Petrov",
    ),
    *(
        "Kind regards,",
        "^AB",
        "-T",
        "Sent from my iPhone",
        "*",
        "\n\n",
        "\t",
        "<svg>",
        "<template>",
        "<select>",
        "<a",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=2048)
