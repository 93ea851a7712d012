"""Who is speaking, in the order of trust of the field guide: what the settings say of a person, the export's own
word, the direction flag, the id of the requester, the company's mail domains, then unknown. An unknown role is
never judged."""

from dataclasses import dataclass

from supportaudit.model import Role, Row, RowKind
from supportaudit.wording.fold import fold

_WORDS = {
    Role.CUSTOMER: (
        "customer user enduser requester contact client visitor lead guest consumer buyer caller member "
        "subscriber shopper passenger patient human inbound incoming received in endcustomer enquirer"
    ),
    Role.AGENT: (
        "agent admin operator staff support representative rep teammate employee advisor adviser owner "
        "assistantagent supportagent outbound outgoing sent out light_agent agentlight manager supervisor "
        "technician specialist company brand team moderator csr"
    ),
    Role.BOT: (
        "bot chatbot automation automated auto autoreply autoresponder assistant ai workflow trigger ivr "
        "virtualagent virtualassistant robot rule macrobot"
    ),
    Role.SYSTEM: "system event activity status log info notification audit",
    Role.NOTE: "note internal private internalnote privatenote comment_internal whisper",
}
_BY_WORD = {word: role for role, words in _WORDS.items() for word in words.split()}


def role_word(word: str) -> Role | None:
    """The role that an export's own word names, or None when it names none we know."""
    letters = "".join(c for c in fold(word) if c.isalpha() or c == "_")
    return _BY_WORD.get(letters) or _BY_WORD.get(letters.replace("_", ""))


@dataclass(frozen=True)
class Roster:
    """People whom the settings name, by name, address or id, and the company's mail domains; all casefolded."""

    agents: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def role_of(self, row: Row) -> Role | None:
        """The role of somebody named; None for all others."""
        if not self.agents and not self.bots:
            return None
        names = {word.strip().casefold() for word in (row.author_id, row.author_name, row.author_email)} - {
            ""
        }
        if names & self.bots:
            return Role.BOT
        return Role.AGENT if names & self.agents else None


NOBODY = Roster()


def judge(row: Row, roster: Roster = NOBODY, customer_id: str = "") -> tuple[Role, str]:
    """The role of one row's author and, where the export does not say it outright, why it was taken; "" if it does.

    `customer_id` is the conversation's, where the row itself does not name it.
    """
    if row.kind == RowKind.EVENT:
        return Role.SYSTEM, ""
    role, why = role_word(row.role) if row.role else None, ""
    if role not in (Role.SYSTEM, Role.NOTE) and (named := roster.role_of(row)) is not None:
        role, why = named, "named in the settings"
    if role is None and row.inbound is not None:
        role, why = (
            (Role.CUSTOMER, "writes to the company")
            if row.inbound
            else (Role.AGENT, "writes for the company")
        )
    asked_by = row.customer_id or customer_id
    # A requester known by address is compared with addresses.
    author = row.author_email.casefold() if "@" in asked_by and row.author_email else row.author_id
    if role is None and asked_by and author:
        if author in (asked_by, asked_by.casefold()):
            role, why = Role.CUSTOMER, "has the requester's id"
        else:
            role, why = Role.AGENT, "is not the requester"
    if role is None and roster.domains and "@" in row.author_email:
        if row.author_email.rpartition("@")[2].strip().casefold() in roster.domains:
            role, why = Role.AGENT, "has an address of the company"
        else:
            role, why = Role.CUSTOMER, "has an address outside the company"
    if row.kind == RowKind.NOTE or (role is Role.AGENT and row.public is False):
        return Role.NOTE, why
    if role is None:
        return Role.UNKNOWN, "nothing tells"
    return role, why


def role_of(row: Row, roster: Roster = NOBODY, customer_id: str = "") -> Role:
    """The role of one row's author."""
    return judge(row, roster, customer_id)[0]
