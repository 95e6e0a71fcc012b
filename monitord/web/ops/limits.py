"""The limits of what comes in through the API, in one table."""

from datetime import timedelta

from monitord.web.limits import Rate

LIST_MAX = 500  # tickets in one answer
LIST = 100  # unless somebody asks for another number
CHECKS_MAX = 500
CHECKS = 100
NUMBER_MAX = 2**53 - 1  # what JSON readers agree on
ID_CHARS_MAX = 200
TITLE_CHARS_MAX = 200
TEXT_CHARS_MAX = 4000
POST_CHARS_MAX = 10_000
COMPONENTS_MAX = 100
WHOM_MAX = 20  # names in one page
BODY_BYTES_MAX = 64 * 1024
BODY_WITHIN = 10.0  # seconds
DID_MAX = 100  # sentences about one act
STORIES_SINCE = timedelta(days=90)

BEARER_CHARS_MAX = 200
TOKEN_LASTS_MAX = timedelta(days=3650)
TOKEN_LASTS = timedelta(days=90)  # unless somebody asks for another span
SCOPES_MAX = 20
NOTE_CHARS_MAX = 500
READS_PER_TOKEN = Rate(6000, timedelta(minutes=1))
ACTS_PER_TOKEN = Rate(1200, timedelta(minutes=1))  # apart, so that whoever polls can still acknowledge
WRONG_TOKENS_PER_NETWORK = Rate(60, timedelta(minutes=1))

CURSOR_CHARS_MAX = 500
WORDS_CHARS_MAX = 200

KEY_CHARS_MAX = 200
KEYS_MAX = 10_000  # acts that are remembered
KEYS_FOR = 24 * 3600.0  # seconds

SIMULATION_WITHIN = 5.0  # seconds
SIMULATION_WORKS, SIMULATION_RESTS = 0.02, 0.01  # seconds, in turns: others want to run, too
SIMULATIONS_WAITING_MAX = 4
SIMULATED_YEARS = range(1970, 2200)  # with room for all that follows
SIMULATED_AHEAD_MAX = timedelta(days=90)
SIMULATED_PAGES_MAX = 1000  # in one answer
UNREACHABLE_CHARS_MAX = 2000
