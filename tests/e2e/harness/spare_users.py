"""Create several users of Odoo at once, and keep them until a test needs one.

With each new user, all processes of Odoo empty their caches, and the next requests fill
them again. That took longer than most tests.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from .odoo_client import OdooClient

#: The most users that are created at once.
_AT_MOST = 32
_numbers = itertools.count(1)


def next_number() -> int:
    """Return a number that no user has in the login."""
    return next(_numbers)


@dataclass(frozen=True)
class User:
    """A user of Odoo whom no test has used yet."""

    id: int
    partner_id: int
    name: str
    login: str


class SpareUsers:
    """Users by first name and time zone. The login is the first name and a number.

    Each time when no user is left, twice as many as before are created. So a name that
    one test uses costs one user.

    :param domain: of their addresses
    """

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._spare: dict[tuple[str, str], list[User]] = defaultdict(list)
        self._next_count: dict[tuple[str, str], int] = defaultdict(lambda: 1)

    def take(self, admin: OdooClient, first_name: str, zone: str) -> User:
        """Return a user that nobody else gets."""
        key = first_name, zone
        if not self._spare[key]:
            count = self._next_count[key]
            self._next_count[key] = min(count * 2, _AT_MOST)
            self._spare[key] = self._create(admin, first_name, zone, count)
        return self._spare[key].pop(0)

    def _create(
        self, admin: OdooClient, first_name: str, zone: str, count: int
    ) -> list[User]:
        numbers = [next_number() for _n in range(count)]
        return create_users(
            admin,
            [
                {
                    "name": f"{first_name.title()} {number}",
                    "login": f"{first_name}{number}",
                    "email": f"{first_name}{number}@{self._domain}",
                    "tz": zone,
                }
                for number in numbers
            ],
        )


def create_users(admin: OdooClient, values: list[dict[str, Any]]) -> list[User]:
    """Create users; the password of each is the login."""
    ids = admin.call(
        "res.users",
        "create",
        [{**one, "password": one["login"]} for one in values],
        context={"no_reset_password": True},
    )
    found = admin.call("res.users", "read", ids, ["partner_id", "name", "login"])
    return [
        User(one["id"], one["partner_id"][0], one["name"], one["login"])
        for one in found
    ]
