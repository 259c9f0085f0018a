from . import (
    conflict,
    conflict_words,
    difference,
    hold,
)
