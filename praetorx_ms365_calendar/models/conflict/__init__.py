from . import (
    conflict,
    conflict_words,
    difference,
    difference_comparison,
    hold,
)
