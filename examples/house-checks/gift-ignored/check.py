"""A wish for gift wrapping was ignored."""

from collections.abc import Iterator

from supportaudit.checkkit import Hit, Params, Talk


def run(talk: Talk, params: Params) -> Iterator[Hit]:
    """The first wish that enough answers came after, and none of them took up."""
    for turn in talk.customers:
        if turn.says("gift_wish"):
            answers = [agent for agent in talk.agents if agent.index > turn.index]
            taken_up = any(answer.has("speaks_of_wrapping") for answer in answers)
            if len(answers) >= params.number("answers") and not taken_up:
                yield Hit((turn, answers[-1]), turn.quote("gift_wish"), "nobody spoke of the wrapping", 0.8)
                return
