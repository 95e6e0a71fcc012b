"""Passwords: Argon2id, in a thread of its own, and the same work for names that nobody has.

Theory of operation. The parameters are those of OWASP's cheat sheet for Argon2id with little memory (19 MiB,
two passes, one lane): some 30 ms of a core. One thread, so that trying passwords can never take more than one
core, and at most PASSWORDS_WAITING_MAX who wait for it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitord.web.access.limits import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORDS_WAITING_MAX

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class PasswordRefused(Exception):
    """The text says what would be right."""


class TooManyAtOnce(Exception):
    """So many passwords are being checked that nobody else can wait."""


def hashed(password: str) -> str:
    """What is stored of a password. Raises PasswordRefused."""
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise PasswordRefused(f"a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters here")
    return HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether or not there is anything stored, it takes as long."""
    try:
        HASHER.verify(stored or nobodys(), password[:PASSWORD_CHARS_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def nobodys() -> str:
    """The hash of a password that nobody has."""
    return HASHER.hash("nobody's password")


class Passwords:
    """Checks one after the other."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")
        self.waiting = 0

    async def fits(self, stored: str, password: str) -> bool:
        """Raises TooManyAtOnce."""
        if self.waiting >= PASSWORDS_WAITING_MAX:
            raise TooManyAtOnce
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.thread, fits, stored, password)
        finally:
            self.waiting -= 1
