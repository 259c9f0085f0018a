import logging

from odoo.tests import BaseCase, tagged

from odoo.addons.praetorx_base import redacted_logging

SECRET = "TopSecret0123456789"

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install")
class TestRedactedLogging(BaseCase):
    def test_no_secret_reaches_any_log(self):
        with self.assertLogs(_logger, logging.INFO) as logged:
            _logger.info("asked with %s", {"refresh_token": SECRET, "scope": "x"})
            _logger.info("GET /authentication?code=%s&state=1", SECRET)
            try:
                raise ValueError(f"Authorization: Bearer {SECRET}")
            except ValueError:
                _logger.exception("refused")
        formatter = logging.Formatter()
        text = "\n".join(formatter.format(record) for record in logged.records)
        self.assertNotIn(SECRET, text)
        self.assertIn("'scope': 'x'", text)
        self.assertIn("ValueError", text)

    def test_records_without_secrets_keep_their_arguments(self):
        with self.assertLogs(_logger, logging.INFO) as logged:
            _logger.info("%s of %d", "one", 2)
        self.assertEqual(logged.records[0].args, ("one", 2))

    def test_installing_twice_redacts_once(self):
        before = logging.getLogRecordFactory()
        redacted_logging.install()
        self.assertIs(logging.getLogRecordFactory(), before)
