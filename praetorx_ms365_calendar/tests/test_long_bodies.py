"""Bodies that are too long for Odoo, or made to keep its sanitizer busy."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SyncCase

WEB_LINK = "https://outlook.office365.com/owa/?itemid=R1"
LONG = "<p>Line of text</p>" * 20_000
#: Each took Odoo's sanitizer minutes, or made it give up.
CRAFTED = {
    "text of a style": "<style>" + "@import url(" * 40_000 + "</style><p>Agenda</p>",
    "unfinished tags in a style": "<style>"
    + "<o:p " * 90_000
    + "</style><p>Agenda</p>",
    "attributes": "<p>Agenda</p><p "
    + " ".join(f"a{number}='<'" for number in range(40_000))
    + ">x</p>",
    "quoted mails": "<p>Agenda</p><div class='gmail_quote'>" + "<i>x</i>" * 60_000,
    "what is not shown": "<p>Agenda</p>" + "<object><embed>" * 30_000,
}


def body(html):
    return {"contentType": "html", "content": html}


@tagged("post_install", "-at_install")
class TestLongBodies(SyncCase):
    """The whole stays in Outlook and in the snapshot; Odoo shows its beginning."""

    def long_event(self, **values):
        return self.pulled(body=body(LONG), webLink=WEB_LINK, **values)

    def test_long_body_is_shown_cut_with_a_link_and_kept_whole(self):
        event = self.long_event()
        self.assertTrue(event.description.startswith("<p>Line of text</p><p>Line"))
        self.assertLess(len(event.description), 110_000)
        self.assertIn(WEB_LINK.replace("&", "&amp;"), event.description)
        self.assertEqual(len(self.link()._base.theirs.body), len(LONG))
        self.assertEqual(self.link().state, "synced")

    def test_cut_body_is_no_edit_of_odoo(self):
        with self.assertNothingCaptured():
            event = self.long_event()
            self.pull(self.remote(change_key="CK2", body=body(LONG), showAs="free"))
            self.assertEqual(event.ms365_sync_state, "synced")
        event.with_user(self.anna).name = "Dinner"
        merge = self.link()._merge(
            event._ms365_read_contents()[event], self.link()._base.theirs
        )
        self.assertEqual(merge.to_graph, {"subject"})

    def test_description_of_which_odoo_has_a_part_is_not_changed_there(self):
        event = self.long_event().with_user(self.anna)
        claims = event.with_context(ms365_from_sync=True)
        with self.assertRaisesRegex(UserError, "in Outlook"):
            claims.description = "<p>Mine</p>"
        with self.assertRaisesRegex(UserError, "in Outlook"):
            event.description = "<p>Short</p>"
        event.write({"description": event.description, "location": "Room 1"})

    def test_long_body_that_becomes_short_is_shown_whole(self):
        event = self.long_event()
        self.pull(self.remote(change_key="CK2", body=body("<p>Short</p>")))
        self.assertEqual(event.description, "<p>Short</p>")
        with self.assertCaptured("upsert"):
            event.with_user(self.anna).description = "<p>Longer</p>"

    def test_body_that_is_too_long_to_be_read_is_kept(self):
        text = "<p>Agenda</p>" + "<div " * 120_000
        event = self.pulled(body=body(text), webLink=WEB_LINK)
        self.assertIn("Agenda", event.description)
        self.assertEqual(self.link()._base.theirs.body, text)

    def test_crafted_bodies_are_shown_without_costly_markup(self):
        for name, html in CRAFTED.items():
            with self.subTest(name):
                key = f"CK of {name}"
                event = self.pulled(change_key=key, body=body(html), webLink=WEB_LINK)
                self.assertIn("Agenda", event.description)
                self.assertEqual(self.link().state, "synced", self.link().reason)
