"""The pure core: decides everything; no IO, no clock, no randomness."""
