from . import (
    preview,
    line,
    change,
    waiting_change,
    numbers,
    pairs,
    ending,
    seen,
)
