"""What an author wrote, told apart from markup, quoted history and signature. Text in, text out; no I/O.

Everything here is line-based or a single bounded pattern, so hostile input costs linear time.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from supportaudit.wording.fold import capitalised

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.casefold().split("|"))


# --- HTML -------------------------------------------------------------------------------------------------

# Lexbor looks through its stack of open elements at every block tag: deep nesting makes it quadratic.
_MAX_DEPTH = 1000

_DROPPED = _words("""
    style script head title meta link base template svg math iframe noframes noembed noscript object
    embed img picture audio video canvas map
""")
_BLOCKS = _words("""
    address article aside body center dd div dl dt fieldset figcaption figure footer form header hr html
    legend li main nav ol section summary table tbody td tfoot th thead tr ul
""")
_PARAGRAPHS = _words("""
    blockquote h1 h2 h3 h4 h5 h6 p pre
""")
_CELLS = frozenset(("td", "th"))
_LAYOUT = _BLOCKS - _CELLS | _PARAGRAPHS | {"br"}
# Elements that never hold others or that close themselves when left open: they add no depth.
_SHALLOW = _words("""
    area base br col dd dt embed hr img input li link meta option p param source tbody td th tr track
    wbr
""")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_INVISIBLE = str.maketrans("", "", "\u200b\ufeff\u00ad\u034f\x00")

# How mail programs mark history: the element itself, or everything from the element to the end.
_QUOTE_CLASSES = _words("""
    gmail_attr yahoo_quoted protonmail_quote zmail_extra moz-cite-prefix freshdesk_quote
    OutlookMessageHeader
""")
_QUOTE_IDS = frozenset(("mail-editor-reference-message-container",))
_REST_IDS = frozenset(("divRplyFwdMsg", "appendonsend"))


class _Lines:
    """Collects text into lines; inside `quote` levels of history each line starts with as many "> "."""

    def __init__(self) -> None:
        self.quote = 0
        self._lines: list[str] = []
        self._line: list[str] = []
        self._line_quote = 0
        self._glue = False

    def add(self, text: str) -> None:
        """Add running text; whitespace collapses as a browser would do it."""
        words = text.translate(_INVISIBLE).split()
        if not words:
            self._glue = self._glue or bool(text)
            return
        if self._line and (self._glue or text[0].isspace()):
            self._line.append(" ")
        if not self._line:
            self._line_quote = self.quote
        self._line.append(" ".join(words))
        self._glue = text[-1].isspace()

    def space(self) -> None:
        """Keep what follows apart from what came before."""
        self._glue = True

    def end(self) -> None:
        """End the line, if one has begun."""
        if self._line:
            self._lines.append("> " * self._line_quote + "".join(self._line))
            self._line = []
        self._glue = False

    def gap(self) -> None:
        """End the line and leave an empty one, never two."""
        self.end()
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self) -> str:
        """All lines so far."""
        self.end()
        return "\n".join(self._lines).strip()


def html_to_text(html: str) -> str:
    """Give the readable text of `html`: block elements on lines of their own, quoted history behind "> ".

    Never raises: what the parser cannot take, or what nests beyond reason, is stripped of its tags instead.
    """
    if html.count("<") > _MAX_DEPTH and _nests_too_deep(html):
        return _strip_tags(html)
    from selectolax.lexbor import LexborHTMLParser  # late: chats have no markup

    try:
        parser = LexborHTMLParser(html.encode("utf-8", "replace").decode())
        root = parser.root
        return _render(root) if root is not None else ""
    except (ValueError, RuntimeError, MemoryError):  # the parser refused
        return _strip_tags(html)


def _nests_too_deep(html: str) -> bool:
    depth = 0
    for close, name in _TAG.findall(html):
        if name.lower() in _SHALLOW:
            continue
        depth += -1 if close else 1
        depth = max(depth, 0)
        if depth > _MAX_DEPTH:
            return True
    return False


def _strip_tags(html: str) -> str:
    out = _Lines()
    for index, piece in enumerate(html.split("<")):
        if not index:
            out.add(unescape(piece))
            continue
        tag, closed, text = piece.partition(">")
        name = tag.lstrip("/").split(None, 1)[0].rstrip("/").lower() if tag.strip("/ \t\r\n") else ""
        if not closed and not name.isalnum():  # "a < b", not a tag
            out.add("<" + piece)
            continue
        if name in _LAYOUT:
            out.end()
        out.add(unescape(text))
    return out.text()


def _render(root: "LexborNode") -> str:
    """Walk the tree without recursion. Kept per open element: what must be undone when it closes."""
    out = _Lines()
    open_elements: list[tuple[LexborNode, str, int]] = []
    node: LexborNode | None = root
    while node is not None:
        child = _enter(node, out, open_elements)
        if child is not None:
            node = child
            continue
        if open_elements and open_elements[-1][0] is node:
            _leave(out, open_elements)
        following = node.next
        while following is None and open_elements:
            node = open_elements[-1][0]
            _leave(out, open_elements)
            following = node.next
        node = following
    return out.text()


def _enter(
    node: "LexborNode", out: _Lines, open_elements: "list[tuple[LexborNode, str, int]]"
) -> "LexborNode | None":
    """Write what stands at the node's beginning; give its first child, or None where nothing is to enter."""
    tag = node.tag or ""
    if tag == "-text":
        text = node.text_content or ""
        if open_elements and open_elements[-1][1] == "pre":
            _add_preformatted(text, out)
        else:
            out.add(text)
        return None
    if tag == "br":
        out.end()
        return None
    if tag.startswith("-") or tag in _DROPPED:
        return None
    attributes = node.attributes
    if "display:none" in (attributes.get("style") or "").replace(" ", "").lower():
        return None
    child = node.child
    if child is None:
        _edge(tag, out)
        return None
    _edge(tag, out)
    levels = int(tag == "blockquote" or _is_history(node, attributes))
    out.quote += levels
    if tag == "li":
        out.add("- ")
    if attributes.get("id") in _REST_IDS:
        out.quote, levels = max(out.quote, 1), 0
    open_elements.append((node, tag, levels))
    return child


def _leave(out: _Lines, open_elements: "list[tuple[LexborNode, str, int]]") -> None:
    _, tag, levels = open_elements.pop()
    _edge(tag, out)
    out.quote -= levels


def _edge(tag: str, out: _Lines) -> None:
    if tag in _PARAGRAPHS:
        out.gap()
    elif tag in _CELLS:
        out.space()
    elif tag in _BLOCKS:
        out.end()


def _add_preformatted(text: str, out: _Lines) -> None:
    first, *rest = text.split("\n")
    out.add(first)
    for line in rest:
        out.end()
        out.add(line)


def _is_history(node: "LexborNode", attributes: dict[str, str | None]) -> bool:
    if attributes.get("id") in _QUOTE_IDS:
        return True
    classes = (attributes.get("class") or "").casefold().split()
    if not classes:
        return False
    if not _QUOTE_CLASSES.isdisjoint(classes):
        return True
    # Gmail wraps history and inline answers together; only without a blockquote is the wrapper all history.
    return "gmail_quote" in classes and node.tag != "blockquote" and node.css_first("blockquote") is None


# --- Mail -------------------------------------------------------------------------------------------------


class MailParts(NamedTuple):
    """A message taken apart; nothing but whitespace and the label "Subject:" is lost.

    `quoted` also holds mail headers that an export pasted above the text.
    """

    body: str
    signature: str
    quoted: str
    subject: str = ""


def split_mail(text: str) -> MailParts:
    """Tell what the author wrote from signature, quoted history and a leading subject line.

    In doubt a line stays in the body; the body is never emptied to fill the signature.
    """
    text = text.strip()
    if "\n" not in text and "\r" not in text:
        body, signature = _split_social(text)
        return MailParts(body, signature, "")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    headers, subject, lines = _split_headers(lines)
    lines, quoted = _split_history(lines)
    lines, signature_lines = _split_signature(lines)
    body, social = _split_social("\n".join(lines).strip())
    signature = "\n".join(([social] if social else []) + signature_lines).strip()
    return MailParts(body, signature, "\n".join(headers + quoted).strip(), subject)


# --- Headers ----------------------------------------------------------------------------------------------

_SUBJECT_LABELS = _phrases("""
    subject | betreff | objet | asunto | oggetto | assunto | onderwerp | тема | θέμα | ämne | emne |
    temat | konu | თემა | թեմա
""")
_SENT_LABELS = _phrases("""
    sent | gesendet | envoyé | enviado | enviado el | enviado em | enviada em | inviato | verzonden |
    отправлено | εστάλη | στάλθηκε | skickat | sendt | wysłano | gönderildi | გაგზავნილია |
    გამოგზავნის თარიღი | ուղարկված
""")
_FROM_LABELS = _phrases("""
    from | von | de | da | van | от | από | från | fra | od | kimden | გამგზავნი | ვისგან | ումից
""")
_OTHER_LABELS = _phrases("""
    to | cc | bcc | date | reply-to | importance | attachments | an | datum | à | para | fecha | a |
    data | aan | кому | дата | копия | προς | ημερομηνία | κοιν | till | til | dato | do | kime |
    tarih | ადრესატი | ვის | თარიღი | ում | ամսաթիվ
""")
_ALL_LABELS = _SUBJECT_LABELS | _SENT_LABELS | _FROM_LABELS | _OTHER_LABELS


def _label(line: str) -> str:
    """Give the header word a line begins with ("from", "betreff" …), or ""."""
    head, colon, _ = line[:40].partition(":")
    if not colon:
        return ""
    word = head.strip(" \t*").casefold()
    return word if word in _ALL_LABELS else ""


def _split_headers(lines: list[str]) -> tuple[list[str], str, list[str]]:
    """Take off the mail headers on top: (header lines, subject, remaining lines).

    A lone "From: Lisbon / To: Porto" is content: address lines count only with an "@" in them.
    """
    headers: list[str] = []
    subject = ""
    index = 0
    while index < len(lines):
        label = _label(lines[index])
        if label in _SUBJECT_LABELS and not subject:
            subject = lines[index].partition(":")[2].strip(" *")
        elif label and label not in _SUBJECT_LABELS and ("@" in lines[index] or label in _SENT_LABELS):
            headers.append(lines[index])
        else:
            break
        index += 1
    remaining = lines[index:]
    if not any(line.strip() for line in remaining) or (index and _label(remaining[0])):
        return [], "", lines  # nothing but headers, or a form such as "Subject: x / Date: y"
    return headers, subject, remaining


# --- History ----------------------------------------------------------------------------------------------

_WROTE = (
    "wrote", "writes", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "skrev",
    "kirjoitti", "napisał", "napsal", "yazdı", "написал", "пише", "пишет", "έγραψε", "დაწერა", "წერდა",
    "გწერდათ", "գրել է", "գրեց",
)  # fmt: skip
_SEPARATORS = _phrases("""
    original message | forwarded message | ursprüngliche nachricht | originalnachricht |
    weitergeleitete nachricht | message d'origine | message d’origine | message original |
    message transféré | mensaje original | mensaje reenviado | mensagem original |
    mensagem encaminhada | messaggio originale | messaggio inoltrato | oorspronkelijk bericht |
    doorgestuurd bericht | ursprungligt meddelande | исходное сообщение | пересылаемое сообщение |
    αρχικό μήνυμα | προωθημένο μήνυμα | თავდაპირველი შეტყობინება | გადამისამართებული შეტყობინება |
    սկզբնական հաղորդագրություն | reply above this line | please type your reply above this line
""")
_MAX_ATTRIBUTION = 300
_CLOCK = re.compile(r"\b[0-2]?[0-9][:.][0-5][0-9]\b")


def _split_history(lines: list[str]) -> tuple[list[str], list[str]]:
    """Tell authored lines from quoted ones. Answers between ">" lines stay with the author."""
    body: list[str] = []
    quoted: list[str] = []
    written = False
    index = 0
    while index < len(lines):
        line = lines[index]
        if _is_quoted(line):
            quoted.append(line)
            index += 1
            continue
        span, certain = _history_marker(lines, index)
        if span:
            following = index + span
            while following < len(lines) and not lines[following].strip():
                following += 1
            marked = following < len(lines) and _is_quoted(lines[following])
            if certain and written and not marked:
                quoted.extend(lines[index:])
                break
            # Without text above it an unmarked history cannot be told from the message: only the marker goes.
            if marked or certain:
                quoted.extend(lines[index : index + span])
                index += span
                continue
        body.append(line)
        written = written or bool(line.strip())
        index += 1
    return body, quoted


def _is_quoted(line: str) -> bool:
    stripped = line.lstrip()
    if stripped[:1] != ">":
        return False
    rest = stripped.rstrip()
    return not (1 < len(rest) <= 4 and rest[1] in ":;._<=")  # ">:(" is a face


def _history_marker(lines: Sequence[str], index: int) -> tuple[int, bool]:
    """Say how many lines from `index` announce a quoted message (0: none), and whether that is certain."""
    line = lines[index].strip()
    if not line or len(line) > _MAX_ATTRIBUTION:
        return 0, False
    if line[0] in "-_*" and _is_separator(line, lines, index):
        return 1 + _header_block(lines, index + 1), True
    if _label(line) in _FROM_LABELS:
        span = _header_block(lines, index)
        return span, bool(span)
    return _attribution(lines, index)


def _is_separator(line: str, lines: Sequence[str], index: int) -> bool:
    if line.strip("-_* ").rstrip(":").casefold() in _SEPARATORS:
        return True
    # A drawn line alone is only Outlook's when the headers of the older mail follow.
    return len(line) >= 10 and not line.strip("_") and _header_block(lines, index + 1) > 0


def _header_block(lines: Sequence[str], index: int) -> int:
    """Count the lines of a "From: / Sent: / To: / Subject:" block at `index`, empty lines above included."""
    start = index
    while index < len(lines) and index - start < 2 and not lines[index].strip():
        index += 1
    labels: list[str] = []
    first = lines[index] if index < len(lines) else ""
    while index < len(lines) and len(labels) < 8 and (label := _label(lines[index])):
        labels.append(label)
        index += 1
    dated = any(label in _SENT_LABELS or label in _SUBJECT_LABELS for label in labels)
    if len(labels) >= 3 and labels[0] in _FROM_LABELS and (dated or "@" in first):
        return index - start
    return 0


def _attribution(lines: Sequence[str], index: int) -> tuple[int, bool]:
    """Recognise "On <date> <someone> wrote:", wrapped over up to three lines."""
    first = lines[index].strip()
    if not first or not (first[0].isalpha() or first[0].isdigit()):
        return 0, False
    joined = ""
    for span in (1, 2, 3):
        if index + span > len(lines):
            break
        part = lines[index + span - 1].strip()
        if not part:
            break
        joined = f"{joined} {part}" if joined else part
        if len(joined) > _MAX_ATTRIBUTION:
            break
        if joined[-1] not in ":՝։" or not any(digit in joined for digit in "0123456789"):
            continue
        folded = joined.casefold()
        if any(verb in folded for verb in _WROTE):
            # "On 12 March your colleague wrote:" may be the author's own; with an address or a clock hardly.
            return span, "@" in joined or "<" in joined or _CLOCK.search(joined) is not None
    return 0, False


# --- Signatures -------------------------------------------------------------------------------------------

_DELIMITERS = frozenset(("--", "—", "– –"))
_MAX_SIGNATURE = 12
_MAX_PIECES = 8  # boilerplate, delimiter, closing, names: more is no signature but a hostile text
_BOILERPLATE = (
    "sent from my ", "sent from mobile", "sent from outlook", "sent from yahoo", "sent via my ",
    "sent with proton",
    "get outlook for ", "von meinem ", "gesendet von ", "gesendet mit ", "envoyé de mon ",
    "envoyé depuis ", "enviado desde mi ", "enviado do meu ", "inviato da ", "verzonden vanaf ",
    "skickat från ", "отправлено с ", "στάλθηκε από ", "გამოგზავნილია ", "ուղարկված է ", "virus-free",
    "download the app",
)  # fmt: skip
_DISCLAIMERS = (
    "this e-mail", "this email", "this message", "the information contained in this",
    "the information in this", "the contents of this", "confidentiality notice", "confidential:",
    "disclaimer", "notice:", "please consider the environment", "diese e-mail", "diese nachricht",
    "ce message", "ce courriel", "este mensaje", "este correo", "questo messaggio", "esta mensagem",
    "dit bericht", "think before you print",
)  # fmt: skip
_SURE_DISCLAIMERS = ("confidentiality notice", "please consider the env", "think before you print")
_LEGAL_WORDS = (
    "confidential", "intended", "meant for", "named above", "addressee", "recipient", "virus", "delete",
    "registered", "environment", "unauthori", "disclos", "privileged", "vertraulich", "empfänger",
    "destinataire", "confidentiel", "destinatario", "confidencial", "riservat", "vertrouwelijk",
    "before you print", "before printing",
)  # fmt: skip

_FORMULAS = _phrases("""
    kind regards | best regards | warm regards | regards | best | all the best | best wishes | warmly |
    cheers | sincerely | yours sincerely | yours faithfully | yours truly | yours | respectfully |
    cordially | with best wishes | take care | love | kr | rgds | many thanks and kind regards |
    thanks and regards | thanks & regards | mit freundlichen grüßen | mit freundlichen grüssen |
    mit freundlichem gruß | freundliche grüße | freundliche grüsse | viele grüße | viele grüsse |
    beste grüße | liebe grüße | herzliche grüße | schöne grüße | grüße | gruß | hochachtungsvoll |
    mfg | lg | vg | cordialement | bien cordialement | très cordialement | bien à vous | cdlt |
    salutations | salutations distinguées | sincères salutations | meilleures salutations |
    respectueusement | saludos | un saludo | saludos cordiales | un cordial saludo |
    cordiales saludos | atentamente | muy atentamente | reciba un cordial saludo | cordiali saluti |
    distinti saluti | saluti | un saluto | atenciosamente | cumprimentos |
    com os melhores cumprimentos | abraços | met vriendelijke groet | met vriendelijke groeten |
    vriendelijke groet | groeten | groet | med vänliga hälsningar | vänliga hälsningar | pozdrawiam |
    z poważaniem | saygılarımla | iyi çalışmalar | με εκτίμηση | με φιλικούς χαιρετισμούς | φιλικά |
    μετά τιμής | καλή συνέχεια |
    χαιρετισμούς | პატივისცემით | საუკეთესო სურვილებით | հարգանքով | լավագույն մաղթանքներով |
    с уважением | всего доброго | з повагою
""")
# These also end an ordinary message: they count only with a name behind them.
_THANKS = _phrases("""
    thanks | thank you | many thanks | thanks again | thanks a lot | thanks so much |
    thank you very much | thanks in advance | thank you in advance | ta | thx | danke | vielen dank |
    besten dank | danke im voraus | merci | merci beaucoup | merci d'avance | gracias |
    muchas gracias | gracias de antemano | grazie | obrigado | obrigada | bedankt | tack | dziękuję |
    teşekkürler | ευχαριστώ | ευχαριστώ πολύ |
    ευχαριστώ εκ των προτέρων | გმადლობთ | მადლობა | დიდი მადლობა | წინასწარ გმადლობთ |
    შნორհակալություն | շնորհակալություն | շնորհակալ եմ | спасибо | дякую
""")
_ENDINGS = _words("""
    regards greetings wishes sincerely faithfully truly
""")

_PARTICLES = _words("""
    de da di del della der den des van von zu la le el al bin ibn of and und et y e & the at from for
""")
# Parts of a job title or team name that are often written small.
_ROLES = _words("""
    team support care service services desk department office manager lead agent on-call sales returns
    billing shipping orders warehouse customer relations assistant kundenservice équipe equipo
""")
# Words a short last line of a real message is made of; a name is not.
_NOT_NAMES = _words("""
    yes yeah yep no nope ok okay sure fine done thanks thank hi hello hey please sorry great perfect
    good bad best i i'm i'll we you he she it they this that my your our not never nothing nobody again
    still why what where when who how is are was were will can could would should do does did have has
    had monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december today tomorrow yesterday tonight now soon asap
    urgent help refund replacement exchange cancel return order invoice ticket total item items size
    small medium large black white red blue green grey gray brown yellow pink silver gold purple orange
    beige navy left right both neither either none all one two three four five six seven eight nine ten
    first second standard express pickup delivery collection cash card visa paypal awful terrible
    shocking disgraceful unbelievable ridiculous pathetic rubbish useless disappointed silence crickets
    wrong correct exactly same true false maybe perhaps unfortunately happy merry welcome bye goodbye
    cheers regards ps edit update solved resolved fixed sent attached note subject ja nein danke bitte
    oui non merci sí si gracias heute morgen schwarz weiß rot blau ναι όχι ευχαριστώ დიახ არა კი მადლობა
    გმადლობთ გმადლობ კარგი ხვალ დღეს այո ոչ լավ շնորհակալություն да нет спасибо
""")
_NAME_BAD = frozenset('?!;:=<>{}[]"“”„…%$€£#*_^~\\')
_WORD_BREAK = re.compile(r"[\s,|/·•+]+")
_SENTENCE_END = frozenset(".?!;…)։።。~'\"”’»")
_GEORGIAN_SURNAME = ("შვილი", "ძე", "ია", "უა", "ავა", "ური", "ული", "იანი", "ელი", "აია")


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut the signature off the end: (body lines, signature lines)."""
    signature: list[str] = []
    lines = _trimmed(lines)
    for _ in range(_MAX_PIECES):
        if not lines:
            break
        cut = next((cut for find in _FINDERS if (cut := find(lines)) is not None), None)
        if cut is None or not _has_message(lines[:cut]):
            break
        signature = lines[cut:] + signature
        lines = _trimmed(lines[:cut])
    return lines, signature


def _trimmed(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _has_message(lines: Sequence[str]) -> bool:
    """Say whether more than a greeting is left."""
    for line in lines:
        stripped = line.strip()
        if (
            stripped
            and not (stripped[-1] in ",:" and len(stripped.split()) <= 5)
            and len(stripped.split()) > 2
        ):
            return True
    return False


def _find_delimiter(lines: Sequence[str]) -> int | None:
    for index in range(len(lines) - 1, max(-1, len(lines) - 40), -1):
        line = lines[index]
        if line.strip() in _DELIMITERS and (line == "-- " or len(lines) - index <= _MAX_SIGNATURE):
            return index
    return None


def _find_boilerplate(lines: Sequence[str]) -> int | None:
    last = lines[-1].strip().casefold()
    if len(last) <= 80 and last.startswith(_BOILERPLATE) and last[-1:] != "?":
        return len(lines) - 1
    for index in range(max(0, len(lines) - 60), len(lines)):
        start = lines[index].strip(" *_").casefold()
        if start.startswith(_DISCLAIMERS) and (not index or _starts_paragraph(lines, index)):
            legal = [sum(word in block for word in _LEGAL_WORDS) for block in _paragraphs(lines[index:])]
            # "This e-mail address is not registered" is a complaint, not a disclaimer: one word is too few.
            if all(legal) and (legal[0] >= 2 or start.startswith(_SURE_DISCLAIMERS)):
                return index
    return None


def _starts_paragraph(lines: Sequence[str], index: int) -> bool:
    before = lines[index - 1].strip()
    return not before or not before.strip("-_=*")


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Give each block of lines between empty ones, in lower case."""
    block: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line.casefold())
        elif block:
            yield " ".join(block)
            block = []


def _find_closing(lines: Sequence[str]) -> int | None:
    """Find "Kind regards," and what follows, if all that follows looks like a signature."""
    below: list[str] = []
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if not line:
            continue
        kind = _closing_kind(line)
        if kind and (kind == "closed" or _is_below_closing(below, kind)):
            return index
        below.insert(0, line)
        if len(below) > 6 or not _is_short(line):
            return None
    return None


def _closing_kind(line: str) -> str:
    """Say what a line is: "formula", "thanks", "closed" (the name stands on the same line) or ""."""
    if len(line) > 70:
        return ""
    for mark in (",", "՝"):
        head, found, rest = line.partition(mark)
        if found:
            kind = _formula(head)
            rest = rest.strip(" ,-–")
            if kind and rest:
                return "closed" if _is_name(rest) or (kind == "formula" and _is_lone_word(rest)) else ""
            return kind
    if kind := _formula(line):
        return kind
    words = line.split()
    for count in range(min(4, len(words) - 1), 0, -1):
        if _formula(" ".join(words[:count])) == "formula" and _is_name(" ".join(words[count:]).lstrip("-– ")):
            return "closed"
    return ""


def _formula(head: str) -> str:
    folded = head.strip(" .!*-–—:)").casefold()
    if folded in _THANKS:
        return "thanks"
    words = folded.split()
    if folded in _FORMULAS or (words and len(words) <= 4 and words[-1] in _ENDINGS):
        return "formula"
    return ""


def _is_below_closing(below: Sequence[str], kind: str) -> bool:
    if not below:
        return kind == "formula"
    first = below[0]
    if not (
        _is_name(first)
        or _is_contact(first)
        or (_is_lone_word(first) and (kind == "formula" or len(below) == 1))
    ):
        return False
    return all(_is_short(line) for line in below)


def _is_lone_word(line: str) -> bool:
    """Accept a first name typed in small letters."""
    word = line.strip(" .-–")
    return word.isalpha() and len(word) <= 15 and word.casefold() not in _NOT_NAMES


def _is_short(line: str) -> bool:
    """Say whether a line may stand in a signature block: short, no sentence."""
    if len(line) > 80 or ("?" in line and "http" not in line) or line[-1:] == "!":
        return False
    words = line.split()
    return len(words) <= 10 and not (line[-1:] == "." and len(words) >= 4)


def _find_name_tail(lines: Sequence[str]) -> int | None:
    """Find one to three last lines that are a name, or a name over a company or a phone number."""
    for height in (3, 2, 1):
        start = len(lines) - height
        if start < 1 or not lines[start].strip() or not _is_name(lines[start]):
            continue
        below = lines[start + 1 :]
        if not all(line.strip() and (_is_name(line) or _is_contact(line)) for line in below):
            continue
        if height == 3 and all(_is_name(line) and "," not in line for line in lines[start:]):
            continue  # more likely a list of things
        if _may_precede_name(lines, start):
            return start
    return None


def _may_precede_name(lines: Sequence[str], start: int) -> bool:
    above = start - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0:
        return False
    before = lines[above].strip()
    if before[-1] in ":,":
        return False
    last = before.rsplit(None, 1)[-1]
    if before[-1] in _SENTENCE_END or _formula(before) or ("." in last and ("/" in last or "@" in last)):
        return True
    # A last sentence without a full stop is common; a short unpunctuated line is more likely part of a list.
    return above < start - 1 and (len(before.split()) >= 5 or not before[-1].isalnum())


def _is_name(line: str) -> bool:
    """Say whether a line reads like names and titles: few words, each with a capital, no sentence marks."""
    text = line.strip()
    if text.endswith(")") and "(" in text:
        text = text[: text.rindex("(")].strip()
    if not text or len(text) > 60 or not _NAME_BAD.isdisjoint(text):
        return False
    words = [word for word in _WORD_BREAK.split(text) if word not in ("", "-", "–", "—", "&")]
    if not words or len(words) > 7:
        return False
    if text[-1] == "." and len(words[-1]) > 4:
        return False
    if len(words) == 1 and len(words[0].strip(".")) < 2:
        return False
    our_team = words[0].casefold() in ("your", "our") and words[-1].casefold() in _ROLES
    if words[0].casefold().strip(".'’") in _NOT_NAMES and not our_team:
        return False
    if "\u10d0" <= words[0][0] <= "\u10ff":
        return _is_georgian_name(words, text)
    return words[0][0].isupper() and all(_is_name_word(word) for word in words)


def _is_name_word(word: str) -> bool:
    if word.casefold() in _PARTICLES or word in _ROLES:
        return True
    word = word.strip("«»")
    letters = word.replace(".", "").replace("'", "").replace("’", "").replace("-", "")
    return letters.isalpha() and word[0].isupper() and word not in ("I", "We", "You", "It", "Is", "Are")


def _is_georgian_name(words: Sequence[str], text: str) -> bool:
    """Georgian has no capitals: one word, a known surname ending, or "name, company"."""
    if not all(word.replace("-", "").isalpha() for word in words) or text[-1] == ".":
        return False
    return (
        (len(words) == 1 and len(words[0]) >= 3)
        or (len(words) == 2 and words[1].endswith(_GEORGIAN_SURNAME))
        or (len(words) <= 4 and text.find(",") == len(words[0]))
    )


def _is_contact(line: str) -> bool:
    """Say whether a line is a phone number, an address on the web or a mail address."""
    text = line.strip()
    if len(text) > 80 or len(text.split()) > 6:
        return False
    lowered = text.casefold()
    digits = sum(character.isdigit() for character in text)
    return (
        "@" in text
        or lowered.startswith(("http", "www.", "tel", "phone", "mob", "fax"))
        or (digits >= 6 and not any(len(word) > 3 and word.isalpha() for word in text.split()))
    )


_FINDERS = (_find_boilerplate, _find_delimiter, _find_closing, _find_name_tail)

# "^JK", "-Becky", "- Becky", "*QB 2/2", "/EX" at the very end; the lookbehinds say what may stand before.
_SOCIAL = re.compile(
    r"(?:(?<=[\s.!?,:;)…\d])|(?<=\n))"
    r"(?:(?<!\d)\^\s?[^\W\d_]{1,20}"
    r"|(?<=[\s.!?,)…])\*[^\W\d_]{2,15}"
    r"|(?<=\s)/[^\W\d_]{2,12}"
    r"|(?<=[\s.!?)…])[-–—~][^\W\d_]{2,15}"
    r"|(?<=[.!?)…]\s)[-–—~][^\W\d_]"
    r"|(?<=[.!?)…\n]\s)[-–—]\s[^\W\d_]{2,15}(?:\s[^\W\d_]{2,15})?"
    r"|(?<=[.!?)…])\s?[-–—]\s[^\W\d_]{2,15}"
    r")[.]?(?:\s?\d/\d)?\Z"
)
_SOCIAL_WINDOW = 48
_SOCIAL_MARKS = re.compile(r"[\^*/~–—-]\s?[^\W\d_]")


def _split_social(text: str) -> tuple[str, str]:
    """Cut "^JK" and its like off the end of a short public message: (text, signature)."""
    tail = text[-_SOCIAL_WINDOW:]
    if _SOCIAL_MARKS.search(tail) is None:
        return text, ""
    match = _SOCIAL.search(tail)
    if match is None:
        return text, ""
    start = len(text) - len(tail) + match.start()
    body, signature = text[:start].rstrip(), text[start:].strip()
    name = signature.strip("^*/~–—-. 0123456789")
    is_word = name.casefold() in _NOT_NAMES and not (name.isupper() and name not in ("NO", "OK", "YES"))
    if is_word or not any(character.isalnum() for character in body):
        return text, ""
    if signature[0] != "^" and not all(map(capitalised, name.split())):
        return text, ""
    if signature[0] in "-–—" and _is_list_item(body, text[start - 1 : start]):
        return text, ""
    return body, signature


def _is_list_item(body: str, before: str) -> bool:
    """Say whether a last line "- Anna" is one point of several rather than a signature."""
    return before == "\n" and body.rsplit("\n", 1)[-1].lstrip()[:1] in ("-", "–", "—", "*")
