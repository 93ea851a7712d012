"""Who is one customer: ids that share an e-mail address are the same person, however many stand between them."""

from supportaudit.model import Row

CROWD = 1_000
"""Conversations. An id that names more is no person but a placeholder, a shop's own mailbox or a whole company, and
what one of them was told says nothing of what another was. Each of its conversations is audited by itself, which also
bounds the work: every conversation of a customer is seen beside all others."""


def alone(conversation: str) -> str:
    """The id under which a conversation of a crowd is gathered: no customer's, and no other conversation's."""
    return f"\0{conversation}"


def crowd_note(customers: int) -> str:
    """What to tell where ids name a crowd; "" where none does."""
    if not customers:
        return ""
    who = "1 customer id names" if customers == 1 else f"{customers:,} customer ids name"
    return f"{who} more than {CROWD:,} conversations: each of these was audited by itself."


def address_of(row: Row) -> str:
    """The customer's e-mail address, lower case; "" where the row does not tell it."""
    return row.customer_email or (row.customer_id.lower() if "@" in row.customer_id else "")


class Customers:
    """Ids of customers, brought together by their addresses. Memory grows with ids and addresses only."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._same: dict[str, str] = {}

    def meet(self, customer: str, address: str) -> None:
        """An id was met with this address."""
        first = self.home(self._addresses.setdefault(address, customer))
        own = self.home(customer)
        if own != first:
            self._same[own] = first

    def home(self, customer: str) -> str:
        """The id under which all of a person's are gathered: the one of them that was met first."""
        home = customer
        while (other := self._same.get(home)) is not None:
            home = other
        while customer != home:  # the next one asks a shorter way
            self._same[customer], customer = home, self._same[customer]
        return home

    def moved(self) -> dict[str, str]:
        """The ids that are gathered under another one, and under which."""
        return {customer: self.home(customer) for customer in self._same}
