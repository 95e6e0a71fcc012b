"""The product's house (monitord/play/house.py), on the first morning of every story."""

from dataclasses import dataclass
from datetime import UTC, datetime

from monitord.core.check import Instant
from monitord.play import house

__all__ = ["START", "House", "delivered"]

START = datetime(2026, 1, 5, tzinfo=UTC)
delivered = house.delivered


@dataclass
class House(house.House):
    now: Instant = START
