"""A token bucket: so many a minute, and as many at once."""

MINUTE = 60.0


class Quota:
    """`a_minute` of them; `monotonic` is seconds on the running clock."""

    def __init__(self, a_minute: int) -> None:
        self.most = float(a_minute)
        self.left, self.at = self.most, float("-inf")

    def take(self, monotonic: float) -> bool:
        """One more, if there is one left."""
        self.left = min(self.most, self.left + (monotonic - self.at) * self.most / MINUTE)
        self.at = monotonic
        if self.left < 1:
            return False
        self.left -= 1
        return True
