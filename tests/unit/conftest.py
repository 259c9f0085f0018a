"""Import the pure packages by their full names, without Odoo.

The ``__init__.py`` of an addon imports Odoo models. So we replace it by an empty module
that knows only the path of the addon. ``praetorx_ms365_calendar.engine`` and its
relative imports then work as in Odoo.

Examples of hypothesis have no time limit, because a busy machine is not a failure.
"""

import sys
from pathlib import Path
from types import ModuleType

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[2]

for name in ("praetorx_base", "praetorx_ms365_calendar"):
    if name not in sys.modules:
        addon = ModuleType(name)
        addon.__path__ = [str(ROOT / name)]
        sys.modules[name] = addon

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
