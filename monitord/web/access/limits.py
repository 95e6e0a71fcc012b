"""The limits of who is let in, in one table: for how long who stays signed in, how often who may try."""

from dataclasses import dataclass
from datetime import timedelta

from monitord.web.limits import Rate

# Signing in.
LINK_LASTS = timedelta(minutes=15)
LINKS_PER_VISITOR = Rate(5, timedelta(minutes=10))  # of one network, for one name
LINKS_PER_NAME = Rate(20, timedelta(minutes=15))  # a mailbox is not to be flooded; the links in it still work
PASSWORDS_PER_VISITOR = Rate(10, timedelta(minutes=10))  # of one network, for one name
PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 256
PASSWORDS_WAITING_MAX = 16  # each costs a core some 50 ms
LETTERS_WAITING_MAX = 100
NAME_CHARS_MAX = 254
COOKIE_CHARS_MAX = 100
SESSIONS_PER_ACCOUNT = 20
SEEN_EVERY = timedelta(minutes=5)  # how exactly it is known when a session was used last


@dataclass(frozen=True, slots=True)
class Lasts:
    """A session ends when it was not used for `idle`, and in any case after `at_most`."""

    idle: timedelta
    at_most: timedelta


OF_A_PERSON = Lasts(timedelta(days=7), timedelta(days=30))  # nobody types a password at 3 a.m.
OF_AN_ACCOUNT = Lasts(timedelta(hours=1), timedelta(hours=12))  # of nobody in particular: break-glass

# Passkeys.
CHALLENGE_LASTS = 300.0  # seconds; a form of the browser waits at most that long for a finger
CHALLENGES_SPENT_MAX = 50_000
CHALLENGES_SPENT_PER_NETWORK = 500  # an office of many people has one
PASSKEYS_PER_ACCOUNT = 10
PASSKEY_NAME_CHARS_MAX = 60
PASSKEY_ANSWER_CHARS_MAX = 16 * 1024
CREDENTIAL_BYTES_MAX = 1023  # as the W3C has it
PUBLIC_KEY_BYTES_MAX = 1200  # an RSA key of 8192 bits fits
PASSKEYS_PER_VISITOR = Rate(10, timedelta(minutes=10))  # wrong ones of one network, with one passkey

# Tokens.
TOKENS_MAX = 1000  # that open something
TOKENS_KEPT_MAX = 10_000
