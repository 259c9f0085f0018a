from . import praetorx_ms365_restore
