"""Let the pure packages be imported by their full names, without Odoo.

The addons' own ``__init__.py`` imports Odoo models. A bare module that only knows where
the addon lies stands in for it, so that ``praetorx_ms365_calendar.engine`` and its
relative imports work as they do inside Odoo.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]

for name in ("praetorx_base", "praetorx_ms365_calendar"):
    if name not in sys.modules:
        addon = ModuleType(name)
        addon.__path__ = [str(ROOT / name)]
        sys.modules[name] = addon
