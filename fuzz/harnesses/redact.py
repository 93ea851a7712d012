"""Redaction: two bytes for the language and for what is planted, then a text around it, parted by a blank line."""

from collections.abc import Iterator

from fuzz.harness import Harness
from supportaudit.auditing.redact import Redactor
from supportaudit.wording.pack import supported_languages

# Whole words, as people write them; what must not be readable afterwards.
PLANTED = (
    ("jo.doe+x@shop.example", "jo.doe"),
    ("ana@mail.παράδειγμα.gr", "ana@"),
    ("4111 1111 1111 1111", "1111 1111"),
    ("5500-0000-0000-0004", "0000-0004"),
    ("378282246310005", "82246310005"),
    ("DE89 3704 0044 0532 0130 00", "0044 0532"),
    ("+44 20 7946 0958", "7946 0958"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5", "eyJzdWIi"),
    ("https://u:hunter2@x.example/a?token=abcdef", "hunter2"),
    ("2001:db8::8a2e:370:7334", "8a2e"),
)
_MARK = "\n\n"
_REPEATED = (*(1,) * 15, 100)
redact = Redactor()


def check(data: bytes) -> None:
    """Redacting twice changes nothing more, and what was planted cannot be read."""
    if len(data) < 2:
        return
    codes = ("", *supported_languages())
    language = codes[data[0] % len(codes)]
    text = data[2:].decode("utf-8", "replace") * _REPEATED[data[1] // 16 % len(_REPEATED)]
    names = ("Marguerite O'Neil", text[:20])
    once = redact(text, names, language)
    assert redact(once, names, language) == once, f"{once!r} changes again"
    word, secret = PLANTED[data[1] % 16 % len(PLANTED)]
    before, _, after = text.partition(_MARK)
    shared = redact(f"{before} {word} {after}", (), language)
    assert secret not in shared or secret in before + after, f"{word!r} can be read in {shared!r}"


def seeds() -> Iterator[bytes]:
    """What is personal, amid what is not."""
    lines = (
        "see https://u:p@shop.example/track?token=abc#x now", "call 0044 20 7946 0958 or (01632) 960114 or 555-0123",
        "my card 4111 1111 1111 1111, exp 12/27\n\nthanks", "IBAN DE89 3704 0044 0532 0130 00 please",
        "from 192.168.4.22 and 2001:db8::8a2e:370:7334", "password: hunter2!\n\nthe PIN is 4711.", "пароль: qwerty1",
        "Bearer abcdefghijklmnop12345", "14 Larch Close, SW1A 2AA", "Hauptstraße 12 in Wien", "Calle Mayor 5",
        "write to maria.p@sho…", "order 440218 and booking KA-4471-2210\n\n2026-11-15 at 10:00:59",
        "tracking 1Z999AA10123456784", "აღმაშენებლის ქუჩა 12", "12 rue de l'Église, 75001", "ул. Ленина 5",
    )  # fmt: skip
    for number in range(len(supported_languages()) + 1):
        for n, line in enumerate(lines):
            yield bytes([number, (n + number) % 16]) + line.encode()
    yield b"\0\xf0" + b"1 2 3 4 5 6 7 8 9 10 "
    yield b"\0\xf0" + b"a@"


WORDS = (
    *(
        "@",
        "://",
        "https://",
        "mailto:",
        "[e-mail]",
        "[phone]",
        "[secret]",
        "[",
        "]",
        "…",
        "+",
        "00",
        "(0)",
        ":",
        "::",
    ),
    *(
        "password",
        "PIN is",
        "clave",
        "Bearer",
        "key-",
        "eyJ",
        "4111",
        "1111",
        "DE89",
        "GB82",
        "12",
        "Street",
        "straße",
    ),
    *(
        "rue",
        "calle",
        "ул.",
        "სჩა",
        "no.",
        "order",
        "ref",
        "O'Neil",
        "Marguerite",
        "-",
        "/",
        ".",
        "·",
        "\u00a0",
        "１",
    ),
)
HARNESS = Harness(check, seeds, words=WORDS, longest=1024, milliseconds=4.0)
