"""Remove secrets from a text before it is logged.

Two kinds of values are found:

- values after the name of a secret, in any usual notation (JSON, Python, forms, query
  strings, headers);
- values that have the form of a secret (bearer tokens, JSON Web Tokens, our envelopes).

In doubt a value is removed. But ids and names of errors stay: a log is useless without
them. The time is linear in the length of the text, because tracebacks can be long.

Source: names of parameters in RFC 6749 (OAuth 2.0), RFC 7636 (PKCE), RFC 8628 (device
code); ``Bearer`` in RFC 6750; form of a JWT in RFC 7519.
"""

import logging
import re

from .envelope import KEY_ID_LENGTH

REDACTED = "[redacted]"

# A name with one of these words in it is the name of a secret: `refresh_token`,
# `X-Api-Key`, `client_secret_entry`.
_SECRET_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "assertion",
    "verifier",
    "device_code",
    "api_key",
    "apikey",
    "api-key",
    "encryption_keys",
    "client_?state",
    "authorization",
)
# A name that continues with one of these words is about a secret; its value is none.
_ABOUT = r"(?:type|validity|expir\w*|endpoint\w*|uri|url|count)"
# No look-behind, no `\w*` at the start, and a limited end: so the time stays linear,
# even for a text full of names.
_NAME = rf"(?:{'|'.join(_SECRET_WORDS)})(?![_-]{_ABOUT}\b)[\w-]{{0,40}}"

# A quote may be escaped, even repeatedly: JSON inside JSON, or inside a repr.
_QUOTE = r"\\*[\"']"
# Up to the closing quote, or to the end of the line if the text was cut.
_REST = r"(?:.*?(?<!\\)(?P=quote)|.*)"
# A value without quotes. A second redaction must not change the result of the first.
_BARE = r"(?!\[redacted\])[^\s&\"'<>,;)\]}\\]+"
# A value without quotes in a fully escaped web address: there `%26` stands for `&`.
_ESCAPED = r"(?!\[redacted\])(?:(?!%26)[^\s&\"'<>,;)\]}\\])+"
# The operator in a condition on a field.
_OPERATOR = r"(?:[=!<>]{1,2}|(?:not )?in|(?:not )?=?i?like)"

_PATTERNS = [
    # "refresh_token": "…"   'refresh_token': ['…']   refresh_token='…'   b"…"
    (
        rf"({_NAME}(?:{_QUOTE})?\s*[:=]\s*[\[(]*b?(?P<quote>{_QUOTE})){_REST}",
        rf"\1{REDACTED}\g<quote>",
    ),
    # ('refresh_token', '…')   set_param(key='refresh_token', value='…')
    (
        rf"(\((?:key=)?{_QUOTE}[\w.-]*?{_NAME}{_QUOTE},\s*(?:value=)?"
        rf"(?!{_QUOTE}{_OPERATOR}{_QUOTE},)b?(?P<quote>{_QUOTE})){_REST}",
        rf"\1{REDACTED}\g<quote>",
    ),
    # ('refresh_token', '=', '…')   ["refresh_token", "=like", "…"]
    (
        rf"([(\[]{_QUOTE}[\w.-]*?{_NAME}{_QUOTE},\s*{_QUOTE}{_OPERATOR}{_QUOTE},"
        rf"\s*[\[(]*b?(?P<quote>{_QUOTE})){_REST}",
        rf"\1{REDACTED}\g<quote>",
    ),
    # {'key': 'refresh_token', 'value': '…'}, and the other way round
    (
        rf"(key{_QUOTE}:\s*{_QUOTE}[\w.-]*?{_NAME}{_QUOTE},\s*"
        rf"{_QUOTE}value{_QUOTE}:\s*(?P<quote>{_QUOTE})){_REST}",
        rf"\1{REDACTED}\g<quote>",
    ),
    *(
        (
            rf"(value{_QUOTE}:\s*{quote})(?:[^{quote}\\]|\\.)*"
            rf"(?={quote},\s*{_QUOTE}key{_QUOTE}:\s*{_QUOTE}[\w.-]*?{_NAME})",
            rf"\1{REDACTED}",
        )
        for quote in ("'", '"')
    ),
    # ir.config_parameter(7,).write({'value': '…'}): the text does not show the key
    (
        rf"(ir\.config_parameter\([^()]{{0,200}}\)\.\w*(?:write|save)\(.{{0,80}}?"
        rf"{_QUOTE}value{_QUOTE}:\s*(?P<quote>{_QUOTE})){_REST}",
        rf"\1{REDACTED}\g<quote>",
    ),
    # load(['name', 'client_secret'], [['…', '…']]): all rows
    (
        rf"(\.load\(\[[^\[\]]{{0,2000}}?{_NAME}{_QUOTE}[^\[\]]{{0,2000}}\],\s*)"
        r"(?!\[redacted\]).*",
        rf"\1{REDACTED}",
    ),
    # Authorization: Basic …   X-Api-Key: …
    (
        rf"(authorization{_QUOTE}?\s*[:=]\s*)(?:(?:basic|bearer|digest|negotiate)\s+)?"
        rf"(?!{_QUOTE}){_BARE}",
        rf"\1{REDACTED}",
    ),
    (rf"((?:api_?key|api-key)\s*:\s*){_BARE}", rf"\1{REDACTED}"),
    # refresh_token=…&   client_secret%3D…%26
    (rf"({_NAME}=){_BARE}", rf"\1{REDACTED}"),
    (rf"({_NAME}%3D){_ESCAPED}", rf"\1{REDACTED}"),
    # refresh_token: …   but not "invalid token: expected a string"
    (rf"([_-]{_NAME}\s*:\s*)(?=[^\s\"',;]{{16}}){_BARE}", rf"\1{REDACTED}"),
    # An authorization code. `code` can also be the code of an error. So outside of a
    # query string the value must look random: long, and with a digit.
    (rf"([?&]code=){_BARE}", rf"\1{REDACTED}"),
    (rf"((?:%3F|%26)code%3D){_ESCAPED}", rf"\1{REDACTED}"),
    (
        rf"(\bcode(?:{_QUOTE})?\s*[:=,]\s*[\[(]*b?(?:{_QUOTE})?)"
        r"(?=[A-Za-z._~!*$-]*\d)[\w.~!*$%-]{12,}",
        rf"\1{REDACTED}",
    ),
    (r"(\bbearer\s+)[\w.~+/-]{12,}=*", rf"\1{REDACTED}"),
    (r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*", REDACTED),
    # The key id of an envelope is not secret, and shows which key is missing.
    (rf"\b(px\d+:[0-9a-f]{{{KEY_ID_LENGTH}}}:)[\w-]+", rf"\1{REDACTED}"),
]
_rules = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in _PATTERNS
]


def redact(text: str) -> str:
    """Replace each secret that is found in a text; a second call changes nothing."""
    for pattern, replacement in _rules:
        text = pattern.sub(replacement, text)
    return text


def add_secret_pattern(pattern: str) -> None:
    """Add a form of secret, for an addon that handles such secrets.

    :param pattern: a regular expression; must take linear time. Upper and lower case
        are the same. The whole match is replaced. Adding it again changes nothing
    """
    rule = (re.compile(pattern, re.IGNORECASE), REDACTED)
    if rule not in _rules:
        _rules.append(rule)


class RedactingFilter(logging.Filter):
    """Redact the message, the arguments, the traceback and the stack of a record.

    A record without secrets is not changed, nor are its arguments.
    """

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record itself; no record is dropped."""
        self._redact_message(record)
        if record.exc_info and not record.exc_text:
            traceback = self._formatter.formatException(record.exc_info)
            if (redacted := redact(traceback)) != traceback:
                # handlers print this text and do not format the exception again
                record.exc_text = redacted
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True

    @staticmethod
    def _redact_message(record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 wrong arguments: logging reports them later
            message = f"{record.msg} {record.args!r}"
            if redact(message) == message:
                return
        if (redacted := redact(message)) != message:
            record.msg, record.args = redacted, ()
