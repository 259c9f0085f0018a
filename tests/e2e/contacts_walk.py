"""Rules of the random walk: contacts are merged and deleted, which is no edit."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .harness.odoo_client import Json
from .harness.person import Person, odoo_time
from .harness.waiting import eventually
from .harness.world import World

_numbers = itertools.count(1)


class ContactRules:
    """Mixed into the walk, which has ``world`` and ``people``."""

    world: World
    people: list[Person]
    guest_tokens: set[str]
    _release_mails_of: Callable[[Person, int], None]

    @rule(who=st.integers(0, 1))
    def merge_duplicates(self, who: int) -> None:
        """A deduplication run over contacts with one address mails nobody."""
        person = self.people[who]
        self.world.quiesce()  # mails of earlier edits must not count
        mails = len(self.world.control.mails())
        duplicate = self._new_contact(person.upn)
        # A contact that belongs to a user stays; the duplicate goes.
        self._merge(duplicate, person.partner_id)
        self.world.run_cron("ir_cron_compare")
        assert not self._asked(person), "a deduplication run is no question"
        assert self.world.control.mails()[mails:] == []

    @rule(
        who=st.integers(0, 1),
        how=st.sampled_from(["merge", "delete"]),
        word=st.sampled_from(["approve", "reject"]),
    )
    def change_a_guest(self, who: int, how: str, word: str) -> None:
        """The contact of a guest goes: the owner is asked, and decides.

        The meeting has this rule alone; it is deleted again in the end.
        """
        person = self.people[who]
        number = next(_numbers)
        token = f"G{number}"
        self.guest_tokens.add(token)
        address = f"guest{number}@elsewhere.example"
        guest = self._new_contact(address)
        start, stop = self.world.at(9, day=3), self.world.at(10, day=3)
        event = person.client.create(
            "calendar.event",
            {
                "name": f"{token} guest",
                "start": odoo_time(start),
                "stop": odoo_time(stop),
                "partner_ids": [(6, 0, [person.partner_id, guest])],
            },
            skip_contact_description=True,
        )
        self._release_mails_of(person, event)
        assert self._guests(person, token) == [address]
        after: list[str] = []
        if how == "merge":
            after = [f"other{number}@elsewhere.example"]
            self._merge(guest, self._new_contact(after[0]))
        else:
            self.world.admin.unlink("res.partner", guest)
        person.client.write("calendar.event", event, {"location": "Hall"})
        self._release_mails_of(person, event)
        assert self._guests(person, token) == [address], "the guests ride along"
        self.world.run_cron("ir_cron_compare")
        asked = self._asked(person)
        assert len(asked) == 1, (how, asked)
        person.decide(asked, word)
        self.world.quiesce()
        wanted = after if word == "approve" else [address]
        assert self._guests(person, token) == wanted, (how, word)
        person.client.unlink("calendar.event", event)
        self.world.quiesce()

    def _asked(self, person: Person) -> list[int]:
        """Return the changes without an edit that wait for a person's decision."""
        domain = [
            ("kind", "=", "noticed"),
            ("state", "=", "waiting"),
            ("user_id", "=", person.user_id),
        ]
        rows = self.world.admin.search_read("praetorx.ms365.approval", domain, ["id"])
        return [row["id"] for row in rows]

    def _new_contact(self, address: str) -> int:
        values = {"name": address.split("@")[0], "email": address}
        return self.world.admin.create("res.partner", values)

    def _merge(self, source: int, target: int) -> None:
        """Merge two contacts as the wizard of stock does it."""
        admin = self.world.admin
        model = "base.partner.merge.automatic.wizard"
        values: Json = {
            "state": "selection",
            "partner_ids": [(6, 0, [source, target])],
            "dst_partner_id": target,
        }
        admin.call(model, "action_merge", [admin.create(model, values)])

    def _guests(self, person: Person, token: str) -> list[str]:
        """Return the addresses that Outlook has invited to a meeting."""
        [event] = [
            one
            for one in person.outlook_events()
            if token in one["subject"].replace(":", " ").split()
        ]
        return [one["emailAddress"]["address"] for one in event["attendees"]]

    def _check_both_sides(self) -> None:
        """Run the self-check, which must find nothing (docs/laws.md, law 17)."""
        for person in self.people:
            before = person.account("checked_at")["checked_at"]
            self.world.advance(1)  # or two checks have one time
            ids = [person.account("id")["id"]]
            person.client.call("praetorx.ms365.account", "action_check_now", ids)

            def checked(person: Person = person, before: Any = before) -> bool:
                return bool(person.account("checked_at")["checked_at"] != before)

            eventually(
                checked, "both sides are compared", meanwhile=self.world.skip_wait
            )
            told = person.account("check_summary", "check_found_count")
            rows = self.world.admin.search_read(
                "praetorx.ms365.difference",
                [("account_id", "=", ids[0]), ("cause", "=", "unknown")],
                ["what", "side", "display_name", "state"],
            )
            assert not told["check_found_count"], (told, rows)
            # Nor did one that ran while time passed find an edit that nobody noted.
            assert not [row for row in rows if row["side"] == "odoo"], rows
        self.world.quiesce()
