"""The language of a conversation: told where the evidence is enough, "und" where it is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportaudit.wording.language import UNDETERMINED, detect_language

SENTENCES = {
    "en": [
        "Hello, my parcel has not arrived and I would like to know where it is.",
        "Could you please send me the invoice for this order?",
        "I was charged twice for the same subscription, what can you do about it?",
    ],
    "es": [
        "Hola, mi pedido no ha llegado y quiero saber cuándo lo voy a recibir.",
        "Buenos días, ¿me puede decir por qué no funciona la página?",
    ],
    "de": [
        "Guten Tag, meine Bestellung ist noch nicht angekommen.",
        "Können Sie mir bitte sagen, wann die Lieferung kommt? Ich warte schon eine Woche.",
    ],
    "fr": [
        "Bonjour, je n'ai pas encore reçu ma commande et je suis très déçue.",
        "Est-ce que vous pouvez me dire pourquoi le colis est dans un autre pays ?",
    ],
    "pt": [
        "Olá, o meu pedido ainda não foi entregue, quando vai chegar?",
        "Bom dia, já não consigo entrar na minha conta e preciso de uma resposta.",
    ],
    "it": [
        "Buongiorno, il mio ordine non è ancora arrivato e vorrei sapere perché.",
        "Ho ricevuto una lampada rotta, come faccio per il rimborso?",
    ],
    "nl": [
        "Hallo, mijn bestelling is nog niet aangekomen en ik heb geen bericht van jullie gekregen.",
        "Kan ik dit product ruilen als het niet goed is?",
    ],
    "pl": [
        "Dzień dobry, moje zamówienie jeszcze nie przyszło, proszę o informację.",
        "Czy to prawda, że nie ma już tego produktu?",
    ],
    "tr": [
        "Merhaba, siparişim hâlâ gelmedi, ne zaman gelecek? Bu kadar beklemek çok uzun.",
        "Lütfen bana bu ürün için bir fatura gönderin, teşekkürler.",
    ],
    "sv": [
        "Hej, min beställning har fortfarande inte kommit. Vet ni var den är någonstans?",
        "Varför fungerar inte appen? Jag har redan försökt med allt.",
        "Kan jag få pengarna tillbaka om jag ångrar mig?",
    ],
    "ka": ["გამარჯობა, ჩემი შეკვეთა ჯერ არ მოსულა.", "როდის მივიღებ თანხას უკან?"],
    "el": ["Καλησπέρα, η παραγγελία μου δεν έχει έρθει ακόμα.", "Πότε θα πάρω τα χρήματά μου πίσω;"],
    "hy": ["Բարև ձեզ, իմ պատվերը դեռ չի եկել։", "Ե՞րբ կստանամ գումարը հետ։"],
    "ru": [
        "Здравствуйте, мой заказ ещё не пришёл, когда вы его отправите?",
        "Почему у меня не открывается приложение? Я уже всё попробовал.",
    ],
    "uk": [
        "Добрий день, моє замовлення ще не прийшло, коли ви його надішлете?",
        "Чому в мене не відкривається застосунок? Я вже все перевірив, що робити?",
    ],
}  # fmt: skip
ALL = [(code, text) for code, sentences in SENTENCES.items() for text in sentences]


@pytest.mark.parametrize(("code", "text"), ALL, ids=[f"{c}-{t[:25]}" for c, t in ALL])
def test_a_customers_sentence_is_enough(code: str, text: str) -> None:
    assert detect_language([text]) == code


@pytest.mark.parametrize(("code", "text"), ALL, ids=[f"{c}-{t[:25]}" for c, t in ALL])
def test_handles_links_and_shouting_do_not_change_it(code: str, text: str) -> None:
    assert detect_language(["@TheShopHelp", text, "https://shop.example/the-order-and-you #help"]) == code
    assert detect_language([text.upper()]) == code


@pytest.mark.parametrize("code", ["ka", "el", "hy", "ru", "uk"])
def test_product_names_do_not_make_another_script_latin(code: str) -> None:
    assert detect_language([SENTENCES[code][0], "iPhone 15 Pro Max"]) == code


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["   \n", ""],
        ["🙂🙂🙂", "👍"],
        ["12345", "55-118", "!!!", "?"],
        ["https://shop.example/order/55"],
        ["@shop @help #refund"],
        ["@the @and http://the.example #you"],
        ["xqzt brmpf wzzk lrgn"],
        ["ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ"],
    ],
)  # fmt: skip
def test_no_evidence_is_no_language(texts: list[str]) -> None:
    assert detect_language(texts) == UNDETERMINED == "und"


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("de", [SENTENCES["de"][0], SENTENCES["de"][1], "ok thanks"]),
        ("en", [SENTENCES["en"][0], SENTENCES["en"][1], "gracias"]),
        ("es", ["iPhone", *SENTENCES["es"]]),
        ("el", [*SENTENCES["el"], "ok thank you"]),
    ],
)
def test_a_mixed_conversation_goes_by_its_greater_part(code: str, texts: list[str]) -> None:
    assert detect_language(texts) == code


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_gives_a_code_or_und(texts: list[str]) -> None:
    code = detect_language(texts)
    assert code == UNDETERMINED or (len(code) == 2 and code.islower())
    assert detect_language(texts) == code


def test_a_long_text_is_looked_at_only_as_far_as_needed() -> None:
    """Texts after the first few hundred characters are never asked for."""

    def talk() -> object:
        yield SENTENCES["en"][0] * 20
        raise AssertionError("the second message was read")

    assert detect_language(talk()) == "en"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ka", "gamarjoba, chemi shekveta jer ar mosula, rodis iqneba?"),
        ("ka", "tanxa ver davabrune, minda gavige ra xdeba"),
        ("el", "kalispera, den exei erthei akoma to dema mou, ti ginetai?"),
        ("el", "thelo ta lefta mou piso, exo perimenei 3 meres"),
        ("hy", "barev dzez, patvery der chi ekel, erb kga?"),
        ("hy", "inchu chi ashxatum internety, arden 2 or a"),
    ],
)
def test_a_language_chatted_in_latin_letters_is_told(code: str, text: str) -> None:
    assert detect_language([text]) == code
