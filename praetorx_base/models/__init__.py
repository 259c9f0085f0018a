from . import base
from . import ir_config_parameter
from . import ir_default
from . import ir_model_fields
from . import praetorx_encryption
from . import res_config_settings
