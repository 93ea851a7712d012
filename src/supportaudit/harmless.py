"""Foreign text made harmless, whoever shows it: it acts on no terminal, hides nothing, commands no runner of builds.

What is printed may be read by a terminal, by the log of a build, and by people who trust their eyes. JSON says the same
letters in its own escapes (`inert_json`); everywhere else what acts is left out (`visible`).
"""

import re

# Controls (C0, C1: ESC, CSI), soft hyphens, marks, overrides and isolates of the reading direction, operators that
# nobody sees, separators of lines, tag letters, and what is no letter and no XML holds: all that `str.isprintable`
# refuses, but blanks, letters to come, and the joiners U+200C and U+200D, which Persian and emoji need.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufdd0-\ufdef"
    "\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\U000e01f0-\U000e0fff"
) + "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_HARMFUL = re.compile(f"[{_UNSEEN}]")
_HARMFUL_IN_LINES = re.compile(f"[{_UNSEEN}]".replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_ESCAPED_IN_JSON = re.compile(f"[{_UNSEEN}]".replace("\x00-\x1f", ""))
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_VARIANT = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
# Letters that are blank; behind six marks others, which only climb over the lines above; behind one selector of a
# variant others, which only hide bytes.
_IDLE = re.compile(
    f"[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]|({_MARK}{{6}}){_MARK}+|({_VARIANT}){_VARIANT}+"
)

# GitHub's runner obeys "::name ...::" at the start of a line and "##[name]" anywhere in it, that of Azure "##vso[",
# TeamCity "##teamcity["; and where a line starts is for whoever wraps it.
_ANYWHERE = r"#(?=#(?:\[|vso\[|teamcity\[))"
_COMMAND_ANYWHERE = re.compile(_ANYWHERE, re.IGNORECASE)
_COMMAND = re.compile(
    _ANYWHERE + "|"
    r":(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice"
    r"|remove-matcher|save-state|set-env|set-output|stop-commands|warning)(?:\s|:))",
    re.IGNORECASE,
)


def visible(text: str, *, lines: bool = False) -> str:
    """`text` without what acts or hides, and with a blank in what a runner of builds would take for a command.

    With `lines` its line ends stay, and a tab is a blank.
    """
    if lines:
        text = text.replace("\t", " ")
    if not text.isprintable():
        text = (_HARMFUL_IN_LINES if lines else _HARMFUL).sub("", text)
    if not text.isascii():
        text = _IDLE.sub(r"\1\2", text)
    return _COMMAND.sub(r"\g<0> ", text) if "##" in text or "::" in text else text


def inert_json(document: str) -> str:
    """JSON as it may be printed: the same document, in which what acts is written as an escape."""
    if not document.isascii() or "\x7f" in document:
        lines = document.split("\n")  # few hold such a thing, and to ask costs nothing
        document = "\n".join(x if x.isprintable() else _ESCAPED_IN_JSON.sub(_escape, x) for x in lines)
    return _COMMAND_ANYWHERE.sub(_escape, document) if "##" in document else document


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 | code >> 10:04x}\\u{0xDC00 | code & 0x3FF:04x}"
