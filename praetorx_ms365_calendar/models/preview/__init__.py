from . import (
    preview,
    line,
    change,
    waiting_change,
    numbers,
    ending,
    seen,
)
