"""The stock connector's own suite, unchanged, with our addons loaded (DESIGN.md 1).

Its classes run ``at_install``, which is before our addons are loaded. The subclasses
below run the same methods ``post_install``. The modules are imported, not the classes:
the loader would take a class that it finds under two names for two.
"""

import sys
from inspect import getmembers, isclass, ismodule
from unittest import TestCase

from odoo.tests import BaseCase, tagged
from odoo.tests.loader import get_module_test_cases

from odoo.addons.microsoft_calendar import tests as stock
from odoo.addons.microsoft_calendar.tests import (
    test_answer_events,
    test_create_events,
    test_delete_events,
    test_microsoft_event,
    test_microsoft_service,
    test_sync_odoo2microsoft_mail,
    test_update_events,
)


@tagged("post_install", "-at_install")
class TestStockAnswerEvents(test_answer_events.TestAnswerEvents):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockCreateEvents(test_create_events.TestCreateEvents):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockDeleteEvents(test_delete_events.TestDeleteEvents):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockMicrosoftEvent(test_microsoft_event.TestMicrosoftEvent):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockMicrosoftService(test_microsoft_service.TestMicrosoftService):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockMail(test_sync_odoo2microsoft_mail.TestSyncOdoo2MicrosoftMail):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockUpdateEvents(test_update_events.TestUpdateEvents):
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestStockSuiteIsWhole(BaseCase):
    """Nothing of it is left out, also when Odoo adds a class or a module."""

    def test_every_stock_test_runs_again(self):
        again = {
            (type(case).__mro__[1], case._testMethodName)
            for case in get_module_test_cases(sys.modules[__name__])
        }
        missing = _stock_tests() - again
        self.assertFalse(missing)
        self.assertGreater(len(_stock_tests()), 100)


def _stock_tests():
    """Return ``{(class, method name)}`` of all tests that the stock addon defines."""
    return {
        (test_class, name)
        for _module_name, module in getmembers(stock, ismodule)
        for _class_name, test_class in getmembers(module, isclass)
        if issubclass(test_class, TestCase) and test_class.__module__ == module.__name__
        for name, _method in getmembers(test_class, callable)
        if name.startswith("test")
    }
