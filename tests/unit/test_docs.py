"""Pages of docs/ name files and functions that exist."""

from __future__ import annotations

import pytest

from env.docs_checks import code_of, defines, docs_findings, find


def test_named_files_and_functions_exist():
    assert list(docs_findings()) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("`engine/merge.py` merges", [("engine/merge.py", "")]),
        ("`engine/merge.py::merge`", [("engine/merge.py", "merge")]),
        ("the folder `models/approval/`", [("models/approval/", "")]),
        ("`make lint` and `@removed`", []),
    ],
)
def test_code_is_found_in_a_text(text, named):
    assert code_of(text) == named


def test_missing_files_and_functions_are_noticed():
    merge = find("engine/merge.py")
    assert find("engine/no_such_file.py") is None
    assert defines(merge, "three_way_merge")
    assert defines(merge, "Merge")
    assert not defines(merge, "no_such_function")
