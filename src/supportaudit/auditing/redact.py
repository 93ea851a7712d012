"""Personal data made unreadable, before anything is written: the only place that does it.

Findings and quoted conversations pass through here where they are made, so no format can leak what another hides. What
is replaced says what stood there, "[e-mail]"; order numbers stay, for without them nobody finds the case again.

Kept on the safe side: a rare harmless number may be hidden, and an address in free words may not be. docs/redaction.md
tells what is found and what is not.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import re2

from supportaudit.wording.fold import capitalised

Replace = Callable[[Any], str]

_LINK = re2.compile(r"(?i)\b((?:https?|ftp)://)(?:[^\s/?#]*@)?([^\s?#<>\"']*)([?#][^\s<>\"']*)?")
_EMAIL = re2.compile(r"(?i)(?:mailto:)?[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+")
_IBAN = re2.compile(r"(?i)\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]{2,4}){3,8}\b")
_DIGITS = re2.compile(r"\d(?:[ -]?\d){12,18}")
_GROUPS = re2.compile(r"\d+(?:[\s\x{a0}._-]{1,2}\d+)+")
_GROUP = re.compile(r"[0-9]+")
_IBAN_BEGINS = re.compile(r"\b[A-Za-z]{2}[0-9]{2}", re.ASCII)
_IBAN_GROUPS = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
_LETTER = re.compile("[A-Za-z0-9]")
_LONGEST_IBAN = 34 + 9  # with the blanks between its groups
_BARE = str.maketrans("", "", " -")
_CARD_LENGTH = range(13, 20)
_CARD_SHAPES = {(4, 4, 4, 4, 3), (4, 4, 4, 4), (4, 6, 5), (4, 6, 4), *((length,) for length in _CARD_LENGTH)}
_IP4 = re2.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_IP6 = re2.compile(r"(?i)\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\b")
_KEYS = re2.compile(
    r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]+)?"  # JSON web tokens
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:sk|pk|rk|gh[pousr]|glpat|xox[abprs]|shpat|SG|key|tok)[-_][\w-]{12,}"
    r"|(?i:\bbearer\s+[\w.~+/-]{12,}=*)"
    r"|\b[0-9a-fA-F]{32,}\b"
)
# Words for a secret in the languages of the packs, and what is given behind them: "PIN is 4711", "Passwort: geheim1".
_NAMED = (
    r"pass(?:word|code|phrase)?s?|passwor[dt]|pwd|pin|otp|cvv|cvc|one[- ]time (?:code|password)|security code|"
    r"verification code|access code|login code|sms[- ]?code|tan|kennwort|geheimzahl|mot de passe|code secret|"
    r"contraseña|clave|senha|wachtwoord|hasło|şifre|parola|пароль|код из (?:смс|sms)|код подтверждения|код із смс|"
    r"κωδικό[ςσ]?(?: πρόσβασης| ασφαλείας)?|πιν|პაროლი|პინ[ -]?კოდი|գաղտնաբառ(?:ը|ս)?|փին[ -]?կոդ(?:ը|ս)?"
)
_SECRET = re2.compile(
    rf"(?i)((?:^|[^\p{{L}}\p{{N}}])(?:{_NAMED}))(\s*(?:is|was|ist|est|es|è|é|:|=|->|-|–|\s)\s*)(\S+)"
)
# What may be a telephone number at all; the library that knows every country's numbers is asked about these only.
_MANY_DIGITS = re2.compile(
    r"\+\d[\d ()./-]{6,}|\d{9,}|\(?\d+\)?(?:[ ()./-]{1,3}\d+){2,}|\b0\d{1,4}[ /-]\d{4,}|\(\d{2,5}\) ?\d{4,}"
)
_REGIONS = {
    "de": ("DE", "AT", "CH"), "el": ("GR", "CY"), "en": ("GB", "US", "IE", "AU", "IN"), "es": ("ES", "MX", "AR"),
    "fr": ("FR", "BE", "CA"), "hy": ("AM",), "it": ("IT",), "ka": ("GE",), "nl": ("NL", "BE"), "pl": ("PL",),
    "pt": ("PT", "BR"), "ru": ("RU",), "tr": ("TR",), "uk": ("UA",),
}  # fmt: skip
# Numbers that no country has, as in examples and films, and groups as they are dictated.
_PHONE = re2.compile(
    r"(?:\+|\b00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,5}\)[ ./-]?)?\d(?:[ ./-]?\d){5,12}"
    r"|\(0?\d{2,5}\)[ ./-]?\d(?:[ ./-]?\d){4,10}"
    r"|\b0[1-9]\d{0,4}(?:[ ./-]?\d){6,10}"
    r"|\b\d{3}[ .-]\d{3}[ .-]\d{4}\b|\b555[ .-]\d{4}\b|\b\d{2,3}(?:[ .-]\d{2,3}){3,4}\b"
)
_PLACE = (
    r"street|st|road|rd|avenue|ave|lane|ln|close|drive|dr|way|court|ct|square|sq|terrace|crescent|gardens|place|"
    r"boulevard|blvd|row|mews|hill|park"
)
# One pattern for each way of writing it; words between stand apart by blanks, so that no text makes them slow.
_ADDRESSES = tuple(
    re2.compile(pattern)
    for pattern in (
        rf"\b\d{{1,5}}[a-zA-Z]?,? [A-Z][\w'-]+ (?:[A-Z][\w'-]+ )?(?:[A-Z][\w'-]+ )?(?i:{_PLACE})\b\.?",
        r"\b[A-ZÄÖÜ]\S*(?:straße|strasse|str\.|weg|platz|gasse|allee|ring|straat|laan|plein) ?\d{1,4}[a-z]?\b",
        r"\b\d{1,4}(?: ?bis| ?ter)?,? (?:rue|avenue|boulevard|place|chemin|impasse|quai) (?:d\S* )?(?:l\S* )?\S+",
        r"(?i)\b(?:calle|avenida|av\.|plaza|paseo|rua|travessa|via|viale|piazza|corso|ul\.|aleja) (?:\S+ )?(?:\S+ )?"
        r"\S+ ?(?:n\S{0,2} ?)?\d{1,4}\b",
        r"(?i)(?:ул\.|улица|вул\.|вулиця|проспект|пр-т|οδός|οδού|λεωφόρος) ?(?:\S+ )?\S+ ?(?:д\. ?|буд\. ?)?\d{1,4}",
        r"\S+ (?:ქუჩა|ქ\.|გამზირი|փողոց|փ\.|պողոտա)\S* ?[N№#]?\d{1,4}",
        r"(?i)\S+ (?:sokak|sok\.|caddesi|cad\.|mahallesi)(?: no:? ?\d{1,4})?",
        r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b",  # British postcodes
    )
)
# What stands before the end of a quote that was cut: half an address or number no longer looks like one.
_CUT = re2.compile(
    r"(?:[^\s@\[]+@[^\s\[]*|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4})+(?: ?[A-Z0-9])?|\+?\d(?:[ ./()-]{0,3}\d){6,}[ ./()-]*)…$"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PASSES = 8  # two nearly always; a text made to need more is left as it is then
# Titles and particles are nobody's name alone.
_NO_NAME = frozenset(
    (
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "von",
        "van",
        "der",
        "den",
        "de",
        "la",
        "le",
        "di",
        "del",
    )
)


@dataclass(frozen=True)
class Redactor:
    """Makes personal data in a text unreadable; `names` are those of the customer, who is shown by initials."""

    def __call__(self, text: str, names: Sequence[str] = (), language: str = "") -> str:
        """The text as it may be shared; its language says which countries' telephone numbers may stand in it.

        Redacting twice changes nothing more: what is left beside something hidden is looked at again.
        """
        for _ in range(_PASSES):
            shared = self._once(text, names, language)
            if shared == text:
                break
            text = shared
        return text

    def _once(self, text: str, names: Sequence[str], language: str) -> str:
        text = _LINK.sub(_link, text) if "://" in text else text
        text = _EMAIL.sub("[e-mail]", text) if "@" in text else text
        present = _present(text)
        text = _without_ibans(text) if _IBAN in present else text
        for pattern, replaced in _RULES:
            if pattern in present:
                text = pattern.sub(replaced, text)
        if _MANY_DIGITS in present and any(map(_may_be_phone, _MANY_DIGITS.finditer(text))):
            text = _PHONE.sub(_phone, _known_phones(text, _REGIONS.get(language, ())))
        for pattern in _ADDRESSES:
            if pattern in present:
                text = pattern.sub("[address]", text)
        if text.endswith("…"):
            text = _CUT.sub(_cut, text)
        if _SECRET in present:
            text = _SECRET.sub(_secret, text)
        for name in names:
            if any(word in text for word in _words_of(name)):
                text = _names(name).sub(_initial, text)
        return text


def _may_be_phone(found: Any) -> bool:
    return sum(map(str.isdigit, found[0])) >= 7


def _link(found: Any) -> str:
    """Without who logs in and without the query, where tokens and addresses stand."""
    return f"{found[1]}{found[2]}{'?[…]' if found[3] else ''}"


def _cut(found: Any) -> str:
    return "[e-mail]…" if "@" in found[0] else "[number]…"


def _without_ibans(text: str) -> str:
    kept: list[str] = []
    done = 0
    for found in _IBAN_BEGINS.finditer(text):
        # What looks like the beginning may be a code that stands before one, so each is tried.
        if found.start() >= done and (end := _end_of_iban(text, found.start())):
            kept += [text[done : found.start()], "[IBAN]"]
            done = end
    return "".join([*kept, text[done:]])


def _end_of_iban(text: str, start: int) -> int:
    """Where it ends; 0 if none begins there. A word may stand behind it: the longest beginning that is valid."""
    groups = _IBAN_GROUPS.match(text, start, start + _LONGEST_IBAN)
    assert groups is not None
    ends = (end for end in range(groups.end(), start + 14, -1) if not _LETTER.match(text, end))
    return next((end for end in ends if _is_iban(text[start:end].translate(_BARE))), 0)


def _is_iban(bare: str) -> bool:
    from stdnum import iban  # brings ssl and pydoc, and few exports hold such numbers
    from stdnum.iso7064 import mod_97_10

    # The sum alone is ten times as fast, and spares nearly all that only look like one.
    return mod_97_10.is_valid(bare[4:] + bare[:4]) and iban.is_valid(bare)


def _cards(found: Any) -> str:
    """Groups of digits without those that are a card's: its date or code may stand beside them."""
    written: str = found[0]
    groups = [group.span() for group in _GROUP.finditer(written)]
    if sum(end - start for start, end in groups) < _CARD_LENGTH.start:
        return written
    kept: list[str] = []
    done = place = 0
    while place < len(groups):
        ahead = (groups[place : place + n] for n in (5, 4, 3, 1))
        size = next((len(some) for some in ahead if _are_card(written, some)), 0)
        if size:
            kept += [written[done : groups[place][0]], "[card]"]
            done = groups[place + size - 1][1]
        place += size or 1
    return "".join([*kept, written[done:]])


def _are_card(written: str, groups: Sequence[tuple[int, int]]) -> bool:
    if tuple(end - start for start, end in groups) not in _CARD_SHAPES:
        return False
    return _is_card("".join(written[start:end] for start, end in groups))


def _card(found: Any) -> str:
    return "[card]" if _is_card(re.sub(r"\D", "", found[0])) else str(found[0])


def _is_card(digits: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(digits)) and len(set(digits)) > 1


def _address_of_a_machine(found: Any) -> str:
    try:
        address = ipaddress.ip_address(found[0])
    except ValueError:
        return str(found[0])
    return str(found[0]) if address.is_loopback or address.is_unspecified else "[IP]"


def _known_phones(text: str, regions: tuple[str, ...]) -> str:
    """The text without the valid numbers of any country (with +) and of these regions."""
    from phonenumbers import PhoneNumberMatcher

    for region in (None, *regions):
        for found in reversed(list(PhoneNumberMatcher(text, region))):
            if _is_apart(text, found.start, found.end):
                text = text[: found.start] + "[phone]" + text[found.end :]
    return text


_CODE_BEFORE = re.compile(
    r"[\w#№/-]$|\b(?:no|nr|order|ref|ticket|case|booking|invoice)\W{1,3}$", re.IGNORECASE
)


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether a number stands alone, not behind "order " nor inside a code such as KA-4471-2210."""
    return _CODE_BEFORE.search(text[max(0, start - 12) : start]) is None and not text[end : end + 1].isalnum()


def _phone(found: Any) -> str:
    written: str = found[0]
    digits = sum(map(str.isdigit, written))
    is_date = re.fullmatch(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}", written) is not None
    return written if is_date or not 7 <= digits <= 15 else "[phone]"


def _secret(found: Any) -> str:
    """What stands behind "password" or "PIN" if it looks like one: a digit, or a sign that names it."""
    value: str = found[3]
    named = any(sign in found[2] for sign in ":=>")
    core = value.strip(".,;!?\"'()")
    if value.startswith("[") or not core or not (named or any(map(str.isdigit, core))):
        return str(found[0])
    return f"{found[1]}{found[2]}[secret]{value[value.index(core) + len(core) :]}"


@lru_cache(maxsize=1024)
def _words_of(name: str) -> tuple[str, ...]:
    """The words of a name, as it is written: "May" is a name, "may" is none."""
    return tuple(w for w in _WORD.findall(name) if capitalised(w) and w.casefold() not in _NO_NAME)


@lru_cache(maxsize=1024)
def _names(name: str) -> Any:
    """A pattern for the words of a name."""
    return re.compile(
        r"(?<!\w)(" + "|".join(sorted(map(re.escape, _words_of(name)), key=len, reverse=True)) + r")(?!\w)"
    )


def _initial(found: Any) -> str:
    return f"{found[1][0]}."


# In the order in which they are hidden: after account numbers, before telephone numbers, addresses and what was cut.
_RULES: tuple[tuple[Any, str | Replace], ...] = (
    (_KEYS, "[secret]"),
    (_IP4, _address_of_a_machine),
    (_IP6, _address_of_a_machine),
    (_GROUPS, _cards),
    (_DIGITS, _card),
)
_SOUGHT = (_IBAN, *(pattern for pattern, _ in _RULES), _MANY_DIGITS, *_ADDRESSES, _SECRET)


@cache
def _all_at_once() -> Any:
    together = re2.Set.SearchSet()
    for pattern in _SOUGHT:
        together.Add(pattern.pattern)
    together.Compile()
    return together.Match


def _present(text: str) -> frozenset[Any]:
    """Which of the patterns above stand in a text, in one pass: in most texts none does."""
    return frozenset(_SOUGHT[n] for n in _all_at_once()(text) or ())
