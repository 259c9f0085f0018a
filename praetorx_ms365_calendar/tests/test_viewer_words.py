"""Test that a text about somebody else's mailbox does not speak to the reader."""

import re

from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ..engine.health import CAUSES, Health
from ..engine.reasons import BUTTONS, REMEDIES, because
from ..wording import explain, say
from ..wording.calendars import CALENDAR_STATUS
from ..wording.preview import PREVIEW
from ..wording.remedies import NEXT_STEPS
from ..wording.sentences import SENTENCES
from ..wording.status import STATUS
from ..wording.viewer import Spoken
from .test_screen_words import AdministratorCase

ADDON = "praetorx_ms365_calendar"
TO_THE_READER = {
    "en_US": re.compile(r"\b(?:you|yours?|yourself)\b", re.IGNORECASE),
    "de_DE": re.compile(r"\b(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b"),
}
#: Models with lists for administrators.
IN_LISTS = (
    "account",
    "approval",
    "calendar",
    "conflict",
    "difference",
    "event.link",
    "hold",
    "outbox",
    "preview",
    "preview.line",
    "subscription",
    "sync.log",
    "version",
)


@tagged("post_install", "-at_install")
class TestWordsForOthers(AdministratorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")

    def seen_by(self, user, lang="en_US"):
        """Return Anna's account as a user sees it."""
        return self.account.with_user(user).with_context(lang=lang)

    def assert_speaks_to_nobody(self, text, lang):
        self.assertTrue(text)
        self.assertIsNone(TO_THE_READER[lang].search(text), text)

    def test_each_text_of_the_catalogue_has_a_form_for_others(self):
        german = code_translations.get_python_translations(ADDON, "de")
        for catalogue in (STATUS, CALENDAR_STATUS, PREVIEW, NEXT_STEPS, SENTENCES):
            for key, words in catalogue.items():
                text = words.to_others if isinstance(words, Spoken) else words
                english = self.env._(text)
                with self.subTest(key=key):
                    self.assert_speaks_to_nobody(english, "en_US")
                    self.assert_speaks_to_nobody(german.get(english), "de_DE")

    def test_each_status_of_a_colleague_is_about_the_colleague(self):
        for lang in TO_THE_READER:
            account = self.seen_by(self.administrator, lang)
            for cause, level in CAUSES.items():
                with self.subTest(cause=cause, lang=lang):
                    words = account._describe((Health(level, cause, 2),))
                    self.assert_speaks_to_nobody(words, lang)

    def test_each_reason_of_a_colleague_is_about_the_colleague(self):
        for lang in TO_THE_READER:
            env = self.seen_by(self.administrator, lang).env
            for key in REMEDIES:
                with self.subTest(key=key, lang=lang):
                    words = explain(env, because(key), self.anna).words
                    self.assert_speaks_to_nobody(words, lang)

    def test_labels_in_lists_speak_to_nobody(self):
        for lang in TO_THE_READER:
            for name in IN_LISTS:
                model = self.env[f"praetorx.ms365.{name}"].with_context(lang=lang)
                for field, about in model.fields_get().items():
                    if field.startswith(("message_", "activity_", "my_activity")):
                        continue  # of the mail addon
                    labels = [about["string"]]
                    labels += [label for _value, label in about.get("selection", ())]
                    for label in labels:
                        with self.subTest(field=f"{name}.{field}", lang=lang):
                            self.assert_speaks_to_nobody(label, lang)

    def test_all_states_have_words(self):
        self.assertLessEqual(CAUSES.keys() - {"not_stored"}, STATUS.keys())
        self.assertEqual(NEXT_STEPS.keys(), BUTTONS.keys())

    def test_owner_is_spoken_to_and_others_read_a_name(self):
        self.account.write({"mailbox_id": False, "state": "signed_out"})
        self.assertIn("your mailbox", self.seen_by(self.anna).status)
        self.assertIn("Anna has to sign in", self.seen_by(self.administrator).status)

    def test_calendar_of_a_colleague_names_its_owner(self):
        calendar = self.env["praetorx.ms365.calendar"].create(
            {
                "account_id": self.account.id,
                "name": "Team",
                "remote_id": "C2",
                "kind": "shared",
                "is_synced": True,
            }
        )
        self.account.signed_in_scope = "Calendars.ReadWrite"
        own = calendar.with_user(self.anna).status
        self.assertIn("Sign in again", own)
        self.env.invalidate_all()
        seen = calendar.with_user(self.administrator).status
        self.assertIn("Anna has to sign in again", seen)

    def test_question_about_deletions_is_in_the_language_of_the_owner(self):
        self.anna.lang = "de_DE"
        event = self.pulled()
        hold = self.env["praetorx.ms365.hold"]
        hold._hold(self.account, "to_odoo", event.ms365_link_ids)
        self.assertIn("Viele Termine", self.account.activity_ids.note)

    def test_name_with_a_percent_sign_is_shown(self):
        self.anna.name = "Anna 100%s"
        words = say(self.seen_by(self.administrator).env, STATUS["holds"], self.anna)
        self.assertIn("Anna 100%s", words)
