"""The limits of what comes in through the API, in one table."""

from datetime import timedelta

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
BODY_BYTES_MAX = 64 * 1024
BODY_WITHIN = 10.0  # seconds
DID_MAX = 100  # sentences about one act
STORIES_SINCE = timedelta(days=90)

KEY_CHARS_MAX = 200
KEYS_MAX = 10_000  # acts that are remembered
KEYS_FOR = 24 * 3600.0  # seconds
