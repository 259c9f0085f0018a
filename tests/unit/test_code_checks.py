"""Test that the code checks find their faults."""

import ast
from pathlib import Path

import pytest

from env import code_checks

IMPORTS = """
from unittest import mock
from unittest.mock import patch
import os
from odoo.modules import Registry
from ..sync import runner
from praetorx_ms365_calendar.graph import transport
"""


def replacements(code):
    return list(code_checks.own_replacements(ast.parse(IMPORTS + code)))


@pytest.mark.parametrize(
    "code",
    [
        "@patch('odoo.addons.praetorx_ms365_calendar.sync.runner.run')\ndef f(): ...",
        "mock.patch('graph_simulator.store.Store')",
        "patch.object(runner, 'LIMIT', 1)",
        "patch.object(type(self.account), '_pull')",
        "mock.patch.object(transport, 'MAX', 1)",
        "self.patch(runner, 'LIMIT', 1)",
        "monkeypatch.setattr(transport.limits, 'MAX', 1)",
    ],
)
def test_a_replacement_of_our_own_code_is_found(code):
    assert len(replacements(code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "@patch('odoo.modules.Registry.cursor')\ndef f(): ...",
        "patch.object(Registry, '_lock', None)",
        "patch.dict(os.environ, {'KEY': 'value'})",
        "self.patch(Registry, '_lock', None)",
        "adele.patch(event['id'], {'subject': 'B'})",
        "patch({'subject'})",
    ],
)
def test_other_calls_are_not_reported(code):
    assert replacements(code) == []


def test_the_docstring_and_decorators_of_a_function_do_not_count():
    code = '@one\n@two\ndef f():\n    """First.\n\n    More.\n    """\n    return 1\n'
    [function] = ast.parse(code).body
    assert code_checks.length(function) == 2


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("def act(self): ...", False),
        ("def act(self, choice) -> None: ...", False),
        ("def act(self, *ids, **values: str) -> None: ...", False),
        ("def act(self, choice: str) -> None: ...", True),
        ("def _act(self): ...", True),
        ("def write(self, vals): ...", True),
        ("def reset(self, vals):\n    return super().reset(vals)", True),
    ],
)
def test_public_methods_without_types_are_found(code, is_right):
    found = code_checks.annotation_findings(Path("models/a.py"), ast.parse(code))
    assert (list(found) == []) is is_right
