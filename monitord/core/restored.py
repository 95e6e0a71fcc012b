"""A restore: the installation goes on from a backup, as a new epoch of itself.

Theory of operation. Between the backup and the restore things happened that the restored store does not know
of: messages left, and tickets had numbers. So every key that is made from now on begins with a new epoch, and
counting goes on behind the highest number that is known; what was written before keeps its keys, so that a
message sent once more is recognised.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpochBegun:
    """A fact: this store came out of a backup. Both are drawn and looked up by whoever restores it."""

    epoch: str
    next_ticket: int = 1


@dataclass(frozen=True, slots=True)
class InstallationRestored:
    """The installation goes on under a new epoch."""

    epoch: str
    before: str
