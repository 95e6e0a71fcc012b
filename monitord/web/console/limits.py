"""The limits of the console, in one table: what is shown, sent and kept at once."""

# Live updates.
STREAMS_MAX = 48  # of the door's connections
STREAMS_PER_SESSION = 6
PAUSE = 1.0  # seconds between two updates of one screen
PAUSE_PER_STREAM = 0.05  # more, for everybody who looks
TICK = 20.0  # seconds after which a screen is fetched anyway: times go on
BREATH = 10.0  # seconds between two signs of life

# Pages and forms.
FORM_BYTES_MAX = 64 * 1024
PAGES_WAITING_MAX = 16
ROWS = 50
SAID_KEPT = 500
SAID_FOR = 300.0  # seconds
