"""Notes, in a committed row, what a process is about to work on.

A process that is killed, since it took too long or too much memory, cannot say so. The
next one finds the note: it takes the items of that work one by one. Where the note
names an item, that item is set aside without another try.
"""

from collections.abc import Callable
from typing import Any

from odoo.tools import SQL

#: The note of work whose items are taken together.
TOGETHER = ""


class Attempt:
    """Work of one kind for one mailbox.

    :param kind: what is worked on; each kind has a note of its own
    :param commit: takes a step, runs and commits it
    """

    def __init__(
        self,
        env,
        account_id: int,
        kind: str,
        commit: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._env = env
        self._account_id = account_id
        self._kind = kind
        self._goes_on = False
        self.commit = commit

    def record(self, item: str = TOGETHER) -> None:
        """Note, and commit, that all of it, or one item, is about to be worked on.

        The mailbox has its turn by that: others come before it is due again.
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
        """Have the rest taken one by one, too, when it is its turn again."""
        self._goes_on = True

    def forget(self) -> None:
        """Take the note back, in the transaction that ends the work."""
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
        """Return the note of a process that was killed, None if there is none.

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
