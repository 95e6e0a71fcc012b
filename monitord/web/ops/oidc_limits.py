"""The limits of signing in at a provider, in one table: it is a stranger, and may be slow, huge or gone."""

from datetime import timedelta

from monitord.net.limits import KIB
from monitord.web.limits import Rate

ANSWER_WITHIN = 5.0  # seconds for each of its answers; a sign-in asks up to four times
ANSWER_BYTES_MAX = 256 * KIB
KEPT_FOR = 3600.0  # seconds for which its places and keys are taken as they were
KEYS_AGAIN_AFTER = 30.0  # seconds before an unknown key makes us ask for its keys once more
FAILED_FOR = 5.0  # seconds for which nobody else waits for one that has just failed
KEYS_MAX = 100
ATTEMPT_LASTS = timedelta(minutes=15)  # from our button to its answer: people look for their telephones
LEEWAY = timedelta(minutes=1)  # its clock may be so far from ours
EXCHANGES_AT_ONCE = 8
RETURNS_PER_NETWORK = Rate(60, timedelta(minutes=10))  # a whole office may have one address
CODE_CHARS_MAX = 4000
NAMED_CHARS_MAX = 254
