"""How long a test waits for what must come: generous, so that a busy machine decides nothing."""

WITHIN = 180.0  # seconds
