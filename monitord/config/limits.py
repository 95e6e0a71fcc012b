"""The limits of what a configuration may say, in one table."""

from datetime import timedelta

# Of the tree.
FILES_MAX = 5_000
FILE_BYTES_MAX = 16 * 1024 * 1024
TREE_BYTES_MAX = 64 * 1024 * 1024
DEPTH_MAX = 32  # mappings and lists inside each other, aliases followed
NODES_MAX = 2_000_000  # values of one file, aliases followed
NUMBER_CHARS_MAX = 30
SECRET_BYTES_MAX = 64 * 1024

# Of what is in it.
PROBES_MAX = 50_000
NAMED_MAX = 10_000  # people, teams, services, policies, rotations, status pages, windows: of each
COMPONENTS_MAX = 1_000  # of a status page
REACH_MAX = 20  # contact methods of a person
TIERS_MAX = 50
TARGETS_MAX = 100  # of a tier
ENOUGH_MAX = 100  # people of a tier who must acknowledge
LAYERS_MAX = 50
TURNS_MAX = 1_000  # entries of a layer
TOGETHER_MAX = 100  # people of an entry
OVERRIDES_MAX = 1_000  # of a rotation
ABSENCES_MAX = 1_000  # of a person
HOURS_MAX = 24  # times of day of a layer
LINKS_MAX = 50
NAMES_MAX = 10_000  # ids in a list
WEBHOOKS_MAX = 50
RULES_MAX = 500  # of an integration
CONDITIONS_MAX = 20  # of a rule, of each sort
SECRETS_MAX = 4  # of an integration or a heartbeat, while one is changed
SEVERITIES_MAX = 100

# Of a text.
ID_CHARS_MAX = 100
NAME_CHARS_MAX = 200
TEXT_CHARS_MAX = 2_000
ADDRESS_CHARS_MAX = 320
URL_CHARS_MAX = 2_000
SECRET_CHARS = (12, 200)  # of what senders show us; a shorter one can be guessed
PATTERN_CHARS_MAX = 1_000
HEADER_CHARS_MAX = 100

# Of times and counts.
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
EVERY = (timedelta(milliseconds=100), timedelta(weeks=1))
TIMEOUT = (timedelta(milliseconds=100), timedelta(minutes=10))
RECHECK = (timedelta(milliseconds=100), timedelta(hours=1))
TIER = (SECOND, timedelta(weeks=1))
ACKNOWLEDGEMENT = (SECOND, timedelta(weeks=1))
ACKNOWLEDGE_WITHIN = (timedelta(minutes=1), timedelta(days=30))
PUBLISH_AFTER = (timedelta(0), DAY)
REOPEN_WITHIN = (timedelta(0), timedelta(weeks=1))
CONTACT_AFTER = (timedelta(0), DAY)
WATCHDOG_EVERY = (SECOND, timedelta(hours=1))
HEARTBEAT_EVERY = (SECOND, timedelta(days=366))
GRACE = (SECOND, timedelta(days=366))
QUOTA_MAX = 100_000  # repeats a minute
ANY_DURATION = (timedelta(0), timedelta(days=3650))
BACKUPS_MAX = 1_000  # that are kept
IN_A_ROW_MAX = 1_000  # failures, passes, unknowns

# Of a message.
SHOWN_CHARS_MAX = 60  # of a value that is quoted
SHOWN_WORDS_MAX = 15  # of a list of what would be right
GUESSES_MAX = 100  # “did you mean” of one load: it costs
