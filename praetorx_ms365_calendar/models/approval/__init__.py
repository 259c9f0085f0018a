from . import (
    approval,
    order,
    outcome,
    over,
    returned,
    seen,
    unedited,
    words,
)
