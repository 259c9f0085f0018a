from . import (
    approval,
    decision,
    order,
    outcome,
    over,
    returned,
    seen,
    series,
    description,
    mails,
)
