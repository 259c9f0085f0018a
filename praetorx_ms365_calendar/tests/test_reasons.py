"""Test the words of reasons: for each reader, in each language, with the next step."""

import re

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ..engine.errors import GiveUpOnEvent, TryLater
from ..engine.graph_errors import error_from_response
from ..engine.reasons import (
    BUTTONS,
    OF_CLASS,
    REMEDIES,
    Reason,
    because,
    read_reason,
)
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from ..wording import explain, sentence_of
from ..wording.remedies import NEXT_STEPS
from ..wording.sentences import SENTENCES
from .common import SyncCase

ADDON = "praetorx_ms365_calendar"
#: Words of programs: they belong into the details.
JARGON = re.compile(
    rf"\b(?:Graph|HTTP|JSON|Entra|OAuth|iCalUId|AADSTS|{'|'.join(OF_CLASS)})"
)
STATUS = re.compile(r"\b[1-5]\d\d\b")


def all_texts():
    """Return key -> texts of all sentences and next steps."""
    steps = ((key, filter(None, step)) for key, step in NEXT_STEPS.items())
    return [*((key, [text]) for key, text in SENTENCES.items()), *steps]


@tagged("post_install", "-at_install")
class TestWords(SyncCase):
    """Test the catalogue as a whole."""

    def test_each_reason_and_remedy_has_words(self):
        self.assertEqual(SENTENCES.keys(), REMEDIES.keys())
        self.assertEqual(NEXT_STEPS.keys(), BUTTONS.keys())

    def test_no_words_of_programs_are_in_a_sentence(self):
        for key, texts in all_texts():
            for text in texts:
                with self.subTest(key=key):
                    english = self.env._(text)
                    self.assertIsNone(JARGON.search(english), english)
                    self.assertIsNone(
                        STATUS.search(english.replace("Microsoft 365", "")), english
                    )
                    self.assertEqual(english[-1], ".")

    def test_each_sentence_has_a_german_one(self):
        german = code_translations.get_python_translations(ADDON, "de")
        for key, texts in all_texts():
            for text in texts:
                with self.subTest(key=key):
                    self.assertTrue(german.get(self.env._(text)))

    def test_missing_fact_breaks_no_screen(self):
        for key in SENTENCES:
            with self.subTest(key=key):
                self.assertTrue(sentence_of(self.env, key))

    def test_words_speak_to_the_owner_and_of_the_owner(self):
        anna = self.anna.with_user(self.anna)
        reason = because("sign_in_again", code="invalid_grant")
        shown = explain(anna.env, reason, self.anna)
        self.assertEqual((shown.remedy, shown.button), ("Sign in again.", "sign_in"))
        shown = explain(self.env, reason, self.anna)
        self.assertEqual(shown.remedy, f"{self.anna.name} has to sign in again.")
        self.assertFalse(shown.button)

    def test_settings_are_offered_to_administrators_only(self):
        reason = because("secret_wrong")
        anna = self.anna.with_user(self.anna)
        self.assertFalse(explain(anna.env, reason, self.anna).button)
        admin = self.env.ref("base.user_admin")
        admin = admin.with_user(admin)
        self.assertEqual(explain(admin.env, reason, self.anna).button, "settings")

    def test_codes_are_details(self):
        reason = because("secret_wrong", code="invalid_client", numbers="AADSTS7000215")
        shown = explain(self.env, reason, self.anna, request_id="r-1")
        self.assertEqual(
            shown.details.splitlines(),
            [
                "Code: invalid_client",
                "Microsoft's number: AADSTS7000215",
                "Request ID: r-1",
            ],
        )
        self.assertNotIn("AADSTS", shown.words)

    def test_older_text_is_shown_as_a_detail(self):
        shown = explain(self.env, "Graph answered 500 (x) to update", self.anna)
        self.assertNotIn("Graph", shown.words)
        self.assertIn("Graph answered 500 (x) to update", shown.details)


@tagged("post_install", "-at_install")
class TestShownReasons(SyncCase):
    """Test reasons on records: in the language of the reader, with their button."""

    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("de_DE")
        self.event = self.new_event()
        self.entry = self.entries(self.event)

    def refuse(self, error):
        """Let Microsoft answer with this error."""
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(400, {}, None, "request-1", error)])
        self.env.flush_all()
        self.env.invalidate_all()

    def test_event_shows_sentence_details_and_button(self):
        body = {"error": {"code": "ErrorPropertyValidationFailure"}}
        self.refuse(
            error_from_response(
                400, {"request-id": "request-1"}, body, operation="create"
            )
        )
        event = self.event.with_user(self.anna)
        self.assertEqual(event.ms365_sync_state, "error")
        self.assertEqual(
            event.ms365_message,
            "Outlook does not accept the event as it is. "
            "Change the event: it is sent again when you save.",
        )
        self.assertIn("ErrorPropertyValidationFailure", event.ms365_details)
        german = event.with_context(lang="de_DE")
        self.assertIn("Outlook nimmt den Termin so nicht an.", german.ms365_message)
        self.assertIn("ErrorPropertyValidationFailure", german.ms365_details)
        self.assertIn("request-1", german.ms365_details)

    def test_waiting_entry_is_tried_again_by_itself(self):
        self.refuse(TryLater(because("microsoft_busy", status=503)))
        entry = self.entry.with_user(self.anna)
        self.assertEqual(entry.state, "pending")
        self.assertEqual(entry.reason_remedy, "Odoo tries again by itself.")
        self.assertFalse(entry.reason_button)

    def test_failed_entry_is_tried_again_by_its_button(self):
        self.refuse(GiveUpOnEvent(because("sides_disagree")))
        entry = self.entry.with_user(self.anna)
        self.assertEqual((entry.state, entry.reason_button), ("dead", "try_again"))
        entry.action_remedy()
        self.assertEqual(entry.state, "pending")

    def test_log_has_the_reason_and_is_found_by_its_words(self):
        self.refuse(GiveUpOnEvent(because("crosses_neighbour")))
        Log = self.env["praetorx.ms365.sync.log"].with_context(lang="de_DE")
        found = Log.search([("reason_text", "ilike", "verschiebt einen Termin")])
        self.assertEqual(read_reason(found.reason).key, "crosses_neighbour")
        self.assertIn("Outlook verschiebt", found.reason_text)
        self.assertFalse(found.reason_button)

    def test_old_reason_with_a_year_gets_its_key(self):
        old = "its recurrence starts in the year 1582"
        link = self.Link.create(
            {
                "account_id": self.account.id,
                "remote_id": "R9",
                "state": "quarantined",
                "reason": old,
            }
        )
        self.env.flush_all()
        script = load_script(
            f"{ADDON}/migrations/19.0.2.0.0/post-reasons.py", "post-reasons"
        )
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(
            read_reason(link.reason),
            Reason("outside_years", {"text": old, "year": 1582}),
        )
        self.assertIn("1582", link.reason_text)
        self.assertEqual(self.account.outside_years_count, 1)
