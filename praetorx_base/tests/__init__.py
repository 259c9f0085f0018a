from . import test_encrypted_field
from . import test_encrypted_parameter
from . import test_hooks
from . import test_missing_key
from . import test_redacted_logging
from . import test_rotation
from . import test_rotation_concurrency
from . import test_status
