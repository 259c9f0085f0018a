from . import base_partner_merge
from . import microsoft_calendar_account_reset
from . import praetorx_ms365_organizer_change
from . import praetorx_ms365_restore
from . import praetorx_ms365_conflict_resolution
from . import praetorx_ms365_conflict_resolution_line
