import threading
from contextlib import closing
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.praetorx_base.crypto.keyring import Keyring
from odoo.addons.praetorx_base.places import parameter_context

from . import models
from .common import NEW, OLD, add_models, key_id, use_keys
from .models import OTHER_PARAMETER, PARAMETER

CONTEXT = parameter_context(PARAMETER)


@tagged("post_install", "-at_install")
class TestRotationConcurrency(BaseCase):
    """Another transaction writes while all values are rotated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.cr = cls.enterClassContext(closing(cls.registry.cursor()))
        cls.enterClassContext(use_keys(OLD))
        add_models(cls, models.IrConfigParameter)
        cls.addClassCleanup(cls.remove_parameters)

    @classmethod
    def remove_parameters(cls):
        cls.set_params(**dict.fromkeys((PARAMETER, OTHER_PARAMETER), False))

    def setUp(self):
        super().setUp()
        self.set_params(**{PARAMETER: "first", OTHER_PARAMETER: "other"})
        self.enterContext(use_keys(NEW, OLD))

    @classmethod
    def parameters(cls, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {})["ir.config_parameter"]

    @classmethod
    def set_params(cls, **values):
        with cls.registry.cursor() as cr:
            for key, value in values.items():
                cls.parameters(cr).set_param(key, value)

    def rotate(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            return env["praetorx.encryption"].rotate()

    def key_ids(self):
        """Return parameter -> id of the key of its value."""
        with self.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """SELECT key, split_part(value, ':', 2) FROM ir_config_parameter
                        WHERE key IN %s""",
                    (PARAMETER, OTHER_PARAMETER),
                )
            )
            return dict(cr.fetchall())

    def get_param(self, key):
        self.registry.clear_cache("stable")
        with self.registry.cursor() as cr:
            return self.parameters(cr).get_param(key)

    def write_as_the_web_server_does(self, value):
        for attempts_left in reversed(range(100)):
            try:
                with mute_logger("odoo.sql_db"):
                    self.set_params(**{PARAMETER: value})
            except SerializationFailure:
                self.assertTrue(attempts_left, "the rotation starves those who write")
            else:
                break

    def test_a_row_that_somebody_holds_is_left_to_the_next_run(self):
        with self.registry.cursor() as writer:
            self.parameters(writer).set_param(PARAMETER, "second")
            writer.execute("SELECT 1")
            self.parameters(writer).flush_model()
            self.rotate()
            self.assertEqual(
                self.key_ids(),
                {PARAMETER: key_id(OLD), OTHER_PARAMETER: key_id(NEW)},
            )
        self.assertEqual(self.get_param(PARAMETER), "second")
        self.rotate()
        self.assertEqual(set(self.key_ids().values()), {key_id(NEW)})
        self.assertEqual(self.get_param(PARAMETER), "second")
        self.assertEqual(self.get_param(OTHER_PARAMETER), "other")

    def test_nothing_written_during_rotations_is_lost(self):
        # the thread that runs the tests holds this lock until the last test ends
        self.enterContext(patch.object(Registry, "_lock", DummyRLock()))
        done = threading.Event()
        failures = []

        def rotate_again_and_again():
            try:
                while not done.is_set():
                    self.rotate()
            except Exception as error:  # noqa: BLE001 shown by the test
                failures.append(error)

        rotating = threading.Thread(target=rotate_again_and_again)
        rotating.start()
        try:
            for number in range(50):
                value = f"value {number}"
                # a value of the old key, so that the rotation always has work
                envelope = Keyring.parse(OLD).encrypt(value, CONTEXT)
                self.write_as_the_web_server_does(envelope)
                self.assertEqual(self.get_param(PARAMETER), value)
        finally:
            done.set()
            rotating.join(timeout=60)
        self.assertFalse(rotating.is_alive())
        self.assertFalse(failures)
        self.rotate()
        self.assertEqual(self.get_param(PARAMETER), "value 49")
        self.assertEqual(set(self.key_ids().values()), {key_id(NEW)})
