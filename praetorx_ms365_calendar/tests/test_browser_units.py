"""Run the JavaScript tests of this addon in a browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests import test_js

SUITE = "@praetorx_ms365_calendar"


@tagged("post_install", "-at_install")
class TestBrowserUnits(HttpCase):
    def test_all_on_a_desk(self):
        suite_hash = test_js.HOOTCommon._generate_hash(self, SUITE)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={suite_hash}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
