"""The edge door: what the links in mails to staff lead to."""
