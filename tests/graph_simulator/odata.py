"""Implement the OData query options that the calendar supports.

``$filter`` supports comparisons, ``and``, ``or``, ``not``, brackets, ``contains``,
``startswith``, ``endswith`` and ``any`` over extended properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import schema
from .errors import GraphError, bad_request

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<word>[A-Za-z_@][\w./@-]*)"
    r"|(?P<time>\d{4}-\d{2}-\d{2}[T\d:.+Z-]*)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<mark>[(),:]))"
)
_EXTENDED_FILTER = re.compile(r"id\s+eq\s+'((?:[^']|'')*)'")
_EXTRA_SELECTABLE = frozenset(("uid", "occurrenceId"))
_NOT_IN_VIEW = frozenset(("createdDateTime", "lastModifiedDateTime"))

Test = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Filter:
    """A condition on responses with ``_extended``; ``names`` are the names in it."""

    test: Test
    names: frozenset[str]

    def __call__(self, answer: dict[str, Any]) -> bool:
        return self.test(answer)


@dataclass
class Query:
    """The options of one request."""

    select: list[str] | None = None
    expand_extended: list[str] = field(default_factory=list)
    expand_exceptions: bool = False
    #: Names of open extensions; an empty list means all, ``None`` means none.
    expand_extensions: list[str] | None = None
    expand_attachments: bool = False
    filter: Filter | None = None
    order_by: list[tuple[str, bool]] = field(default_factory=list)
    top: int | None = None
    skip: int = 0
    count: bool = False


def parse(parameters: dict[str, str], type_name: str = "event") -> Query:
    """Read the options of a request.

    :param parameters: all query parameters; names without ``$`` are ignored
    :raise GraphError: 400
    """
    query = Query()
    for name, text in parameters.items():
        option = name.lower()
        if option == "$select":
            query.select = _select(text, type_name)
        elif option == "$expand":
            _expand(query, text, type_name)
        elif option == "$filter":
            query.filter = parse_filter(text, type_name)
        elif option == "$orderby":
            query.order_by = _order_by(text, type_name)
        elif option == "$top":
            query.top = _number(text, option, 1, 1000)
        elif option == "$skip":
            query.skip = _number(text, option, 0, 2**31)
        elif option == "$count":
            query.count = text.lower() == "true"
    return query


def _number(text: str, option: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d+", text) or not least <= int(text) <= most:
        raise bad_request(f"Invalid value '{text}' for {option} query option found.")
    return int(text)


def _known(name: str, type_name: str) -> None:
    root = name.split("/")[0]
    if root in schema.PROPERTIES[type_name] or root in _EXTRA_SELECTABLE:
        return
    raise bad_request(
        "Parsing OData Select and Expand failed: Could not find a property named "
        f"'{root}' on type 'microsoft.graph.{type_name}'."
    )


def _select(text: str, type_name: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    by_lower = {name.lower(): name for name in schema.PROPERTIES[type_name]}
    names = [by_lower.get(name.lower(), name) for name in names]
    if "*" in names:
        return []
    for name in names:
        _known(name, type_name)
    return names


def _split_outside_brackets(text: str) -> list[str]:
    parts, depth, current = [], 0, ""
    quoted = False
    for letter in text:
        if letter == "'":
            quoted = not quoted
        if not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == "," and depth == 0:
                parts.append(current)
                current = ""
                continue
        current += letter
    return [part.strip() for part in (*parts, current) if part.strip()]


def _expand(query: Query, text: str, type_name: str) -> None:
    for part in _split_outside_brackets(text):
        name = part.split("(", 1)[0].strip()
        _known(name, type_name)
        if name == "singleValueExtendedProperties":
            wanted = _EXTENDED_FILTER.findall(part)
            if not wanted:
                raise bad_request(
                    "Expanding singleValueExtendedProperties needs a filter on id.",
                    "ErrorInvalidUrlQueryFilter",
                )
            query.expand_extended += [one.replace("''", "'") for one in wanted]
        elif name == "exceptionOccurrences":
            query.expand_exceptions = True
        elif name == "extensions":
            wanted = _EXTENDED_FILTER.findall(part)
            query.expand_extensions = [one.replace("''", "'") for one in wanted]
        elif name == "attachments":
            query.expand_attachments = True
        else:
            raise bad_request(f"$expand of '{name}' is not simulated.")


def _order_by(text: str, type_name: str) -> list[tuple[str, bool]]:
    order = []
    for part in text.split(","):
        words = part.split()
        if not words or len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"]):
            raise bad_request(f"Invalid $orderby '{text}'.")
        _known(words[0], type_name)
        order.append((words[0], words[1:] == ["desc"]))
    return order


def value_at(answer: dict[str, Any], path: str) -> Any:
    """Return a member by its path, such as ``start/dateTime``."""
    value: Any = answer
    for name in path.split("/"):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def ordered(
    answers: list[dict[str, Any]], order_by: list[tuple[str, bool]]
) -> list[dict[str, Any]]:
    """Sort responses; nulls come first."""
    for path, descending in reversed(order_by):
        answers = sorted(
            answers,
            key=lambda answer: _sort_key(value_at(answer, path)),
            reverse=descending,
        )
    return answers


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return 0, ""
    if isinstance(value, str):
        return 1, value.lower()
    if isinstance(value, bool | int | float):
        return 1, value
    return 1, str(value)


def selected(
    answer: dict[str, Any], query: Query, *, in_view: bool = False
) -> dict[str, Any]:
    """Keep the properties in ``$select``; ``id`` and the etag always stay.

    :param in_view: follow the rules of calendarView: no created and modified times,
        and ``onlineMeeting`` only together with ``isOnlineMeeting``
    """
    if not query.select:
        return answer
    names = set(query.select)
    if in_view:
        names -= _NOT_IN_VIEW
        if "isOnlineMeeting" not in names:
            names.discard("onlineMeeting")
    names |= {"id"}
    if query.expand_extended:
        names.add("singleValueExtendedProperties")
    if query.expand_exceptions:
        names.add("exceptionOccurrences")
    if query.expand_extensions is not None:
        names.add("extensions")
    if query.expand_attachments:
        names.add("attachments")
    return {
        name: value
        for name, value in answer.items()
        if name in names or name.startswith("@odata.")
    }


# -- $filter ------------------------------------------------------------------------


def parse_filter(text: str, type_name: str = "event") -> Filter:
    """Read a filter.

    :raise GraphError: 400
    """
    parser = _FilterParser(text, type_name)
    test = parser.parse()
    return Filter(test, frozenset(parser.names))


class _FilterParser:
    """Parser by recursive descent: or, and, not, comparison."""

    def __init__(self, text: str, type_name: str) -> None:
        self._text = text
        self._type = type_name
        self._tokens = self._read(text)
        self._at = 0
        #: The variable for an extended property inside ``any``.
        self._variable: str | None = None
        self.names: set[str] = set()

    def parse(self) -> Test:
        test = self._or()
        if self._at != len(self._tokens):
            raise self._error()
        return test

    def _error(self) -> GraphError:
        return bad_request(
            f"Invalid filter clause: syntax error in '{self._text}'.", "BadRequest"
        )

    def _read(self, text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.end() == at:
                raise self._error()
            tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()
        return tokens

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, mark: str) -> None:
        if self._next()[1] != mark:
            raise self._error()

    def _or(self) -> Test:
        test = self._and()
        while self._peek() == ("word", "or"):
            self._next()
            test = _either(test, self._and())
        return test

    def _and(self) -> Test:
        test = self._not()
        while self._peek() == ("word", "and"):
            self._next()
            test = _both(test, self._not())
        return test

    def _not(self) -> Test:
        if self._peek() == ("word", "not"):
            self._next()
            test = self._not()
            return lambda one: not test(one)
        if self._peek()[1] == "(":
            self._next()
            test = self._or()
            self._expect(")")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        kind, word = self._next()
        if kind != "word":
            raise self._error()
        if word.lower().endswith("/any"):
            return self._any(word)
        if word in ("contains", "startswith", "endswith"):
            return self._function(word)
        self._check_path(word)
        operator = self._next()[1]
        if operator not in _COMPARE:
            raise self._error()
        wanted = self._literal()
        compare = _COMPARE[operator]
        if self._variable and word.endswith("/id") and operator == "eq":
            # The name of an extended property is case-sensitive; its value is not.
            return lambda one: value_at(one, word) == wanted
        return lambda one: compare(value_at(one, word), wanted)

    def _function(self, name: str) -> Test:
        self._expect("(")
        path = self._next()[1]
        self._check_path(path)
        self._expect(",")
        wanted = str(self._literal()).lower()
        self._expect(")")
        test = _TEXT_TESTS[name]
        return lambda one: test(str(value_at(one, path) or "").lower(), wanted)

    def _any(self, word: str) -> Test:
        if word.split("/")[0] != "singleValueExtendedProperties":
            raise self._error()
        self.names.add("_extended")
        self._expect("(")
        variable = self._next()[1]
        self._expect(":")
        self._variable = variable
        test = self._or()
        self._variable = None
        self._expect(")")
        return lambda one: any(
            test({variable: entry}) for entry in one.get("_extended", ())
        )

    def _check_path(self, path: str) -> None:
        root = path.split("/")[0]
        if self._variable is not None:
            if root != self._variable:
                raise self._error()
            return
        self.names.add(root)
        if root == "organizer":
            raise bad_request("Filtering on the organizer is not supported.")
        if root not in schema.PROPERTIES[self._type] and root != "uid":
            raise bad_request(
                f"Could not find a property named '{root}' on type "
                f"'microsoft.graph.{self._type}'."
            )

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "time":
            return text
        words = {"true": True, "false": False, "null": None}
        if kind == "word" and text.lower() in words:
            return words[text.lower()]
        raise self._error()


def _either(left: Test, right: Test) -> Test:
    return lambda one: left(one) or right(one)


def _both(left: Test, right: Test) -> Test:
    return lambda one: left(one) and right(one)


def _comparable(value: Any) -> Any:
    # Times with the same number of decimals can be compared as text.
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", value):
            return re.sub(r"\.\d+", "", value).rstrip("Z")
        return value.lower()
    return value


def _ordered_pair(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        left, right = _comparable(left), _comparable(right)
        if (
            left is None
            or right is None
            or isinstance(left, str) != isinstance(right, str)
        ):
            return False
        return test(left, right)

    return compare


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: _comparable(left) == _comparable(right),
    "ne": lambda left, right: _comparable(left) != _comparable(right),
    "gt": _ordered_pair(lambda left, right: left > right),
    "ge": _ordered_pair(lambda left, right: left >= right),
    "lt": _ordered_pair(lambda left, right: left < right),
    "le": _ordered_pair(lambda left, right: left <= right),
}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}
