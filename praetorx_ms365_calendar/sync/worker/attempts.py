"""Record in a committed row which work a process is about to begin.

A process that Odoo kills (too slow, too much memory) cannot report it. The next process
finds this record and works on the items one by one. If the record names an item, that
item is set aside without another attempt.
"""

from __future__ import annotations

from collections.abc import Callable

from odoo.api import Environment
from odoo.tools import SQL

from .commit_retry import Step

#: The recorded value while all items are worked on together.
TOGETHER = ""


class Attempt:
    """Work of one kind for one mailbox.

    :param kind: the kind of work; each kind has its own record
    :param commit: runs a step and commits it
    """

    def __init__(
        self,
        env: Environment,
        account_id: int,
        kind: str,
        commit: Callable[[Step], object],
    ) -> None:
        self._env = env
        self._account_id = account_id
        self._kind = kind
        self._goes_on = False
        self.commit = commit

    def record(self, item: str = TOGETHER) -> None:
        """Record and commit that the work on one item, or on all of them, begins.

        This also counts as the turn of the mailbox: others come before it is due again.
        """
        self.commit(lambda: self._record(item))

    def _record(self, item: str) -> None:
        self._env.cr.execute(
            SQL(
                """UPDATE praetorx_ms365_account
                      SET storing = COALESCE(storing, '{}'::jsonb)
                                    || jsonb_build_object(%s, %s),
                          turn_at = clock_timestamp() AT TIME ZONE 'utc'
                    WHERE id = %s""",
                self._kind,
                item,
                self._account_id,
            )
        )

    def go_on_later(self) -> None:
        """Continue one by one with the other items in the next turn."""
        self._goes_on = True

    def forget(self) -> None:
        """Delete the record in the transaction that ends the work."""
        if self._goes_on:
            self._record(TOGETHER)
            return
        self._env.cr.execute(
            SQL(
                """UPDATE praetorx_ms365_account
                      SET storing = storing - %s WHERE id = %s""",
                self._kind,
                self._account_id,
            )
        )

    def interrupted_item(self) -> str | None:
        """Return the record of a process that was killed, None if there is none.

        :return: :data:`TOGETHER`, or the name of an item
        """
        [[item]] = self._env.execute_query(
            SQL(
                "SELECT storing ->> %s FROM praetorx_ms365_account WHERE id = %s",
                self._kind,
                self._account_id,
            )
        ) or [[None]]
        return item
