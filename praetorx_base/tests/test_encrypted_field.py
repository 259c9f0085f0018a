from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from odoo.addons.praetorx_base.exceptions import EncryptedFieldMisuse
from odoo.addons.praetorx_base.fields import EncryptedChar

from .common import EncryptionCase


@tagged("post_install", "-at_install")
class TestEncryptedField(EncryptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.full, cls.empty = cls.Secret.create(
            [
                {"name": "full", "token": "tök€n", "note": "line\nline"},
                {"name": "empty"},
            ]
        )
        cls.both = cls.full + cls.empty

    def test_code_sees_clear_text(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            self.both,
            [
                {"token": "tök€n", "note": "line\nline", "has_token": True},
                {"token": False, "note": False, "has_token": False},
            ],
        )

    def test_the_database_sees_envelopes(self):
        self.assertSealed(self.stored(self.full, "token"))
        self.assertSealed(self.stored(self.full, "note"))
        self.assertIsNone(self.stored(self.empty, "token"))

    def test_every_kind_of_write_is_encrypted(self):
        self.full.token = "assigned"
        self.assertSealed(self.stored(self.full, "token"))
        self.both.write({"token": "written"})
        first, second = (
            self.stored(self.full, "token"),
            self.stored(self.empty, "token"),
        )
        self.assertSealed(first)
        self.assertNotEqual(first, second)
        self.env.invalidate_all()
        self.assertEqual(self.both.mapped("token"), ["written", "written"])
        self.full.token = False
        self.assertIsNone(self.stored(self.full, "token"))

    def test_a_stock_field_is_encrypted_by_inheriting(self):
        bank = self.env["res.bank"].create({"name": "Bank", "bic": "GENODEF1"})
        self.assertSealed(self.stored(bank, "bic"))
        self.env.invalidate_all()
        self.assertEqual(bank.bic, "GENODEF1")
        self.assertEqual(bank._fields["bic"].string, "Bank Identifier Code")

    def test_text_that_looks_like_an_envelope_is_text(self):
        envelope = self.stored(self.full, "token")
        self.full.note = envelope
        self.assertNotEqual(self.stored(self.full, "note"), envelope)
        self.env.invalidate_all()
        self.assertEqual(self.full.note, envelope)

    def test_an_envelope_of_another_field_does_not_open(self):
        self.store(self.full, "note", self.stored(self.full, "token"))
        with self.assertRaisesRegex(UserError, "copied from elsewhere"):
            self.full.note  # noqa: B018

    def test_an_envelope_of_another_row_does_not_open(self):
        created, edited = self.Secret.create([{"token": "created"}, {"token": "x"}])
        edited.token = "edited"
        for source, target in ((created, edited), (edited, self.full)):
            self.store(target, "token", self.stored(source, "token"))
            with self.assertRaisesRegex(UserError, "copied from elsewhere"):
                target.token  # noqa: B018

    def test_text_from_before_the_encryption_is_read(self):
        self.store(self.full, "token", "legacy")
        self.assertEqual(self.full.token, "legacy")

    def test_size_limits_the_clear_text_not_the_envelope(self):
        self.full.token = "x" * 30
        self.assertSealed(self.stored(self.full, "token"))
        self.env.invalidate_all()
        self.assertEqual(self.full.token, "x" * 20)

    def test_writing_the_same_value_changes_nothing(self):
        envelope = self.stored(self.full, "token")
        self.env.invalidate_all()
        self.full.fetch(["token"])
        self.full.token = "tök€n"
        self.assertEqual(self.stored(self.full, "token"), envelope)

    def test_one_can_search_for_presence(self):
        domain = [("id", "in", self.both.ids)]
        Secret = self.Secret
        for falsy in (False, ""):
            self.assertEqual(
                Secret.search([*domain, ("token", "=", falsy)]), self.empty
            )
            self.assertEqual(
                Secret.search([*domain, ("token", "!=", falsy)]), self.full
            )
        self.assertEqual(Secret.search([*domain, ("note", "in", [False])]), self.empty)
        self.full.token = ""
        self.assertFalse(Secret.search([*domain, ("token", "!=", False)]))

    def test_an_edit_is_found_before_it_is_flushed(self):
        self.empty.token = "new"
        self.assertIn(self.empty, self.Secret.search([("token", "!=", False)]))

    def test_comparing_is_refused(self):
        for operator, value in (
            ("=", "tök€n"),
            ("!=", "tök€n"),
            ("in", ["tök€n", False]),
            ("not in", ["tök€n"]),
            ("like", "tök"),
            ("ilike", "tök"),
            ("not ilike", "tök"),
            ("=like", "tök%"),
            (">", "a"),
            ("<=", "z"),
        ):
            with (
                self.subTest(operator=operator),
                self.assertRaisesRegex(EncryptedFieldMisuse, "“Token”"),
            ):
                self.Secret.search([("token", operator, value)])

    def test_comparing_through_another_model_is_refused(self):
        Holder = self.env["praetorx.test.holder"]
        for domain in ([("token", "=", "x")], [("secret_id.token", "ilike", "x")]):
            with self.assertRaises(EncryptedFieldMisuse):
                Holder.search(domain)

    def test_sorting_is_refused(self):
        with self.assertRaises(EncryptedFieldMisuse):
            self.Secret.search([], order="token desc, id")
        with self.assertRaises(EncryptedFieldMisuse):
            self.env["praetorx.test.holder"].search([], order="token")

    def test_grouping_and_aggregating_are_refused(self):
        with self.assertRaises(EncryptedFieldMisuse):
            self.Secret._read_group([], ["token"], ["__count"])
        with self.assertRaises(EncryptedFieldMisuse):
            self.Secret.formatted_read_group([], ["token"], ["__count"])
        with self.assertRaises(EncryptedFieldMisuse):
            self.Secret._read_group([], [], ["token:array_agg"])
        with self.assertRaises(EncryptedFieldMisuse):
            self.env["praetorx.test.holder"]._read_group([], ["token"], ["__count"])
        with self.assertRaises(EncryptedFieldMisuse):
            self.env["praetorx.test.holder"]._read_group(
                [], ["secret_id.token"], ["__count"]
            )

    def test_values_can_be_counted(self):
        domain = [("id", "in", self.both.ids)]
        self.assertEqual(self.Secret._read_group(domain, [], ["token:count"]), [(1,)])

    def test_exporting_is_refused(self):
        with self.assertRaises(EncryptedFieldMisuse):
            self.both.export_data(["name", "token"])
        self.assertEqual(self.full.export_data(["name"])["datas"], [["full"]])

    def test_its_description_says_not_sortable_and_not_groupable(self):
        for model in ("praetorx.test.secret", "praetorx.test.holder"):
            described = self.env[model].fields_get(["token"])["token"]
            self.assertEqual(described["type"], "char")
            self.assertTrue(described["searchable"])
            self.assertFalse(described["sortable"])
            self.assertFalse(described["groupable"])
        self.assertFalse(self.Secret.fields_get(["token"])["token"]["exportable"])

    def test_copies_have_no_secret(self):
        self.assertFalse(self.full.copy().token)

    def test_a_column_of_envelopes_has_no_index(self):
        self.assertFalse(self.Secret._fields["token"].index)
        self.assertFalse(self.env["res.bank"]._fields["bic"].index)

    def test_a_default_in_clear_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["ir.default"].set("praetorx.test.secret", "token", "x")
        self.env["ir.default"].set("praetorx.test.secret", "name", "x")

    def test_the_orm_agrees_with_itself_in_onchange(self):
        draft = self.Secret.new({"name": "draft"}, origin=self.full)
        self.assertEqual(draft.token, "tök€n")
        draft.token = "edited"
        self.assertEqual(self.full.token, "tök€n")
        self.assertEqual(draft._convert_to_write(draft._cache)["token"], "edited")

    def test_an_unread_value_is_copied_between_caches_in_clear(self):
        self.env.invalidate_all()
        self.full.fetch(["token"])
        values = self.full._convert_to_write(self.full._cache)
        self.assertEqual(values["token"], "tök€n")

    def test_options_that_would_store_clear_text_are_refused(self):
        for option in (
            {"translate": True},
            {"company_dependent": True},
            {"related": "secret_id.token", "store": True},
        ):
            with (
                self.subTest(option=option),
                self.assertRaisesRegex(TypeError, "praetorx.test.holder.added"),
            ):
                self.add_to_holder(EncryptedChar(**option))

    def test_the_chatter_does_not_track_it(self):
        field = self.add_to_holder(EncryptedChar(tracking=True))
        self.assertFalse(hasattr(field, "tracking"))

    def add_to_holder(self, added_field):
        """Set a field up on a model, remove it again, and return it."""
        name = "praetorx.test.holder"

        class Holder(models.Model):
            _module = None
            _name = name
            _inherit = [name]

            added = added_field

        holder = self.registry[name]
        bases = holder._base_classes__
        add_to_registry(self.registry, Holder)
        try:
            self.registry._setup_models__(self.env.cr, [])
            return holder._fields["added"]
        finally:
            holder._base_classes__ = bases
            self.registry._setup_models__(self.env.cr, [name])
