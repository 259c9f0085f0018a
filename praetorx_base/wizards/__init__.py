from . import praetorx_encryption_status
from . import praetorx_encryption_status_line
