"""Passkeys of the console: a ceremony of the W3C's Web Authentication between its browser and us."""
