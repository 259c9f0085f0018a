from . import (
    conflict,
    conflict_description,
    difference,
    difference_comparison,
    hold,
)
