from odoo.tests import tagged

from .common import SyncCase, attendee, person


@tagged("post_install", "-at_install")
class TestPeople(SyncCase):
    """Which contacts the people of a meeting become."""

    def invitation(self, remote_id="R1", change_key="CK1", **values):
        """Return an invitation that has come to Anna's mailbox."""
        return self.remote(
            remote_id,
            change_key,
            **{
                "isOrganizer": False,
                "organizer": person("olga@elsewhere.example", "Olga"),
                "responseStatus": {"response": "notResponded"},
                **values,
            },
        )

    # --- invited by way of a group --------------------------------------------------

    def test_owner_attends_a_meeting_that_came_by_a_group(self):
        self.pull(self.invitation(attendees=[attendee("team@example.com", "Team")]))
        event = self.link().event_id
        self.assertIn(self.anna.partner_id, event.partner_ids)
        self.assertIn(self.anna.partner_id, event.attendee_ids.partner_id)

    def test_owner_goes_on_attending_when_the_group_changes(self):
        self.pull(self.invitation(attendees=[attendee("team@example.com", "Team")]))
        self.pull(
            self.invitation(
                change_key="CK2", attendees=[attendee("crew@example.com", "Crew")]
            )
        )
        event = self.link().event_id
        self.assertIn("crew@example.com", event.partner_ids.mapped("email"))
        self.assertIn(self.anna.partner_id, event.partner_ids)

    # --- companies and archived contacts --------------------------------------------

    def contact(self, **vals):
        return self.env["res.partner"].create(
            {"name": "Pia", "email": "pia@example.com", **vals}
        )

    def test_contact_of_another_company_is_not_used(self):
        other = self.env["res.company"].create({"name": "Another"})
        hidden = self.contact(company_id=other.id)
        event = self.pulled(attendees=[attendee("pia@example.com", "Pia")])
        self.assertNotIn(hidden, event.partner_ids)
        self.assertIn("pia@example.com", event.partner_ids.mapped("email"))

    def test_contact_of_the_own_company_is_used(self):
        pia = self.contact(company_id=self.anna.company_id.id)
        event = self.pulled(attendees=[attendee("pia@example.com", "Pia")])
        self.assertIn(pia, event.partner_ids)

    def test_archived_contact_is_not_made_a_second_time(self):
        pia = self.contact(active=False)
        event = self.pulled(attendees=[attendee("pia@example.com", "Pia")])
        self.assertIn(pia, event.with_context(active_test=False).partner_ids)

    # --- cost -----------------------------------------------------------------------

    def cost_of_a_page(self, count, make):
        """Count the statements to apply this many new events."""
        payloads = [make(number) for number in range(count)]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.pull(*payloads)
        return self.env.cr.sql_log_count - before

    def test_organizers_cost_no_query_per_event(self):
        self.env["res.partner"].create(
            [
                {"name": f"Olga {number}", "email": f"olga{number}@elsewhere.example"}
                for number in range(50)
            ]
        )

        def own(page):
            return lambda number: self.remote(f"{page} {number}")

        def invited(page):
            return lambda number: self.invitation(
                f"{page} {number}",
                organizer=person(f"olga{number}@elsewhere.example"),
            )

        self.cost_of_a_page(2, own("first"))  # caches
        self.cost_of_a_page(2, invited("second"))
        extra = {
            count: self.cost_of_a_page(count, invited(f"invited {count}"))
            - self.cost_of_a_page(count, own(f"own {count}"))
            for count in (5, 50)
        }
        self.assertLess(extra[50] - extra[5], 10, extra)
