import os
from unittest.mock import patch

from odoo.orm.model_classes import add_to_registry
from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.praetorx_base.crypto.keyring import Keyring, generate_key
from odoo.addons.praetorx_base.crypto.keysource import KEYS_VARIABLE

from . import models

OLD, NEW = generate_key(), generate_key()


def key_id(key: str) -> str:
    return Keyring.parse(key).newest.id


def use_keys(*keys: str):
    """Return a context manager (or patcher) that configures keys, newest first."""
    return patch.dict(os.environ, {KEYS_VARIABLE: ",".join(keys)})


def add_models(test_class, *definitions):
    """Add test models to the registry, until the end of the test class.

    The tables are made in the transaction of the class, so they are never committed.
    """
    registry = test_class.registry
    names = [definition._name for definition in definitions]
    extended = {
        name: registry[name]._base_classes__ for name in names if name in registry
    }

    def remove():
        for name in names:
            if name in extended:
                registry[name]._base_classes__ = extended[name]
            else:
                del registry.models[name]
                for model_class in registry.models.values():
                    model_class._inherit_children.discard(name)
        registry._setup_models__(test_class.cr)

    test_class.addClassCleanup(remove)
    for definition in definitions:
        add_to_registry(registry, definition)
    registry._setup_models__(test_class.cr, [])
    registry.init_models(test_class.cr, names, {"models_to_check": True})


class EncryptionCase(TransactionCase):
    """Base class with test models, an encrypted stock field, and a known key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(use_keys(OLD))
        add_models(
            cls,
            models.Secret,
            models.Holder,
            models.Bank,
            models.IrConfigParameter,
            models.ResConfigSettings,
        )
        cls.Secret = cls.env["praetorx.test.secret"]
        cls.parameters = cls.env["ir.config_parameter"].sudo()

    def use(self, *keys: str):
        """Configure keys for the rest of the test, newest first."""
        self.startPatcher(use_keys(*keys))
        self.env.invalidate_all()

    def stored(self, record, field_name: str) -> str | None:
        """Return the value of a field as PostgreSQL has it."""
        record.flush_recordset([field_name])
        [[value]] = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(field_name),
                SQL.identifier(record._table),
                record.id,
            )
        )
        return value

    def store(self, record, field_name: str, value: str):
        """Write a value by SQL, without the ORM, like another program."""
        record.flush_recordset([field_name])
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = %s",
                SQL.identifier(record._table),
                SQL.identifier(field_name),
                value,
                record.id,
            )
        )
        record.invalidate_recordset()

    def assertSealed(self, text: str, key: str = OLD):
        """Assert that a text is an envelope of a key."""
        self.assertRegex(text, rf"^px1:{key_id(key)}:[A-Za-z0-9_-]+$")
