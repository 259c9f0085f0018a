"""Has Odoo compile before the tests what the web client loads, and nothing else.

Loaded server-wide (``--load``), never installed. Odoo compiles what any page may ask
for, such as its own unit tests and the dark theme: that takes four times as long. What
is not compiled yet is compiled when a page asks for it.

The tests of JavaScript are loaded once. To make their files small would take longer
than it saves.
"""

from odoo.addons.base.models.assetsbundle import JavascriptAsset
from odoo.addons.base.models.ir_qweb import IrQweb

LOADED_ONCE = "web.assets_unit_tests"
WEB_CLIENT = {"web.assets_web", "web.assets_web_print"}
_bundles_of_all_pages = IrQweb._get_bundles_to_pregenarate


def _bundles_of_web_client(self):
    scripts, styles = _bundles_of_all_pages(self)
    return scripts & WEB_CLIENT, styles & WEB_CLIENT


IrQweb._get_bundles_to_pregenarate = _bundles_of_web_client
_minify = JavascriptAsset.minify


def _minify_unless_loaded_once(asset):
    if asset.bundle.name.startswith(LOADED_ONCE):
        return asset.with_header()
    return _minify(asset)


JavascriptAsset.minify = _minify_unless_loaded_once
