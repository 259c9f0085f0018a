from io import BytesIO

from babel.messages.pofile import read_po

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import trans_export


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """Test that the translation templates have all present texts of the addons."""

    def test_templates_are_up_to_date(self):
        for addon in ("praetorx_base", "praetorx_ms365_calendar"):
            exported = BytesIO()
            trans_export("", [addon], exported, "po", self.env)
            exported.seek(0)
            with file_open(f"{addon}/i18n/{addon}.pot", "rb") as template:
                kept, said = _texts(template), _texts(exported)
            with self.subTest(addon=addon):
                self.assertEqual((said - kept, kept - said), (set(), set()))


def _texts(file):
    return {message.id for message in read_po(file) if message.id}
