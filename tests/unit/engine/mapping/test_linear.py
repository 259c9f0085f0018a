"""Test that untrusted text is read in linear time.

Each text here is made to be slow. A text of double length needs twice as many steps.
"""

from __future__ import annotations

import pytest
from mapping_samples import JOIN_URL, LINE
from steps import growth

from praetorx_ms365_calendar.engine.mapping.body import (
    canonical_html,
    html_from_text,
    join_body,
    split_body,
)

#: Maximum factor for a text of double length. A quadratic function has factor 4.
LINEAR = 2.5
HINT = '<i class="me-email-text">x</i>'
TEXTS = {
    "closing tags without an end": lambda n: "<style>" + "</style " * n,
    "closing tags of a title without an end": lambda n: "<title>" + "</title/" * n,
    "styles that end late": lambda n: "<style>" * n + "</style>",
    "comments that never end": lambda n: "<!-- " * n,
    "declarations that never end": lambda n: "<!a" * n,
    "tags that never end": lambda n: "<a b='" * n,
    "quotes of both kinds": lambda n: "<a b=\"'>" * n,
    "nested deeply": lambda n: "<div>" * n + "</div>" * n,
    "paragraphs in inline tags": lambda n: "<b><p>" * n,
    "cells without a table": lambda n: "<td><li>" * n,
    "ends of what is not open": lambda n: "</td></b>" * n,
    "attributes": lambda n: "<a " + "b=c " * n + ">x</a>",
    "references": lambda n: "&amp" * n + "&#" + "1" * n,
    "less-than signs": lambda n: "a < " * n,
    "blank lines": lambda n: "<br> " * n,
    "style attribute of brackets": lambda n: f'<a style="{"(" * n}">x</a>',
    "style attribute of quotes": lambda n: f'<a style="{"a:" * n}\'">x</a>',
    "links between two lines": lambda n: f"{LINE}{f' {JOIN_URL}' * n}{LINE}",
    "links between lines": lambda n: f"{LINE}<p>{JOIN_URL}</p>" * n,
    "links in elements of their own": lambda n: (
        LINE + f"<p>{JOIN_URL}</p><i></i>" * n + LINE
    ),
    "blanks between links": lambda n: LINE + f"{JOIN_URL}<i> </i>" * n + LINE,
    "Microsoft's elements": lambda n: f"{HINT}y" * n,
    "Microsoft's elements between blanks": lambda n: f"<i> </i>{HINT}y<i> </i>" * n,
    "Microsoft's elements before a line": lambda n: f"{HINT}<i></i>" * n + "y" + LINE,
}
FUNCTIONS = {
    "canonical_html": canonical_html,
    "split_body": split_body,
    "html_from_text": html_from_text,
    "join_body": lambda text: join_body(text, f"{LINE}{JOIN_URL}{LINE}"),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
@pytest.mark.parametrize("make", TEXTS.values(), ids=list(TEXTS))
def test_twice_the_text_takes_twice_the_steps(function, make):
    assert growth(function, make, 80) < LINEAR
