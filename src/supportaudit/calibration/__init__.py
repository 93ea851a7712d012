"""How right the audit is on a user's own conversations: samples, labels, agreement."""
