"""Who is speaking, in the order of trust of the field guide: the export's own word, then the direction flag,
then the id of the requester, then unknown. An unknown role is never judged."""

from supportaudit.fold import fold
from supportaudit.model import Role, Row

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


def role_of(row: Row) -> Role:
    """The role of one row's author, from that row alone."""
    role = role_word(row.role) if row.role else None
    if role is None and row.inbound is not None:
        role = Role.CUSTOMER if row.inbound else Role.AGENT
    if role is None and row.customer_id and row.author_id:
        role = Role.CUSTOMER if row.author_id == row.customer_id else Role.AGENT
    if role is None:
        return Role.UNKNOWN
    if role is Role.AGENT and row.public is False:
        return Role.NOTE
    return role
