"""Convert bodies as Exchange does: rewritten HTML, previews, the Teams block."""

from __future__ import annotations

import html
import re

_BODY = re.compile(r"<body[^>]*>(.*?)</body>", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(
    r"<(head|style|script)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_SCRIPT = re.compile(r"<script\b.*?</script>", re.IGNORECASE | re.DOTALL)
_STYLE = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)
_SELECTOR = re.compile(r"[^{}]*\{")
_NAMED = re.compile(r"(?<![\w)])([.#])(?=[A-Za-z_])")
_START_TAG = re.compile(r"""<[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(r"""\s([A-Za-z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_RULE = "_" * 80
_PREVIEW_LENGTH = 255


def _windows_line_ends(text: str) -> str:
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def from_html(content: str) -> str:
    """Rewrite an HTML body like Exchange: a full document with CRLF line ends."""
    if not content.strip():
        return ""
    inside = inner(_windows_line_ends(content))
    return (
        f"<html>\r\n<head>\r\n{_META}\r\n</head>\r\n<body>\r\n"
        f"{inside}\r\n</body>\r\n</html>\r\n"
    )


def from_text(content: str) -> str:
    """Convert a plain text body to the HTML that Exchange would store."""
    lines = [html.escape(line, quote=False) for line in content.splitlines()]
    inside = "<br>\r\n".join(lines) or "&nbsp;"
    return (
        f'<html><head>{_META}\r\n<meta name="Generator" content="Microsoft Exchange '
        'Server">\r\n<!-- converted from text -->\r\n<style><!-- .EmailQuote '
        "{ margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; } "
        "--></style></head>\r\n<body>\r\n"
        '<font size="2"><span style="font-size:11pt;"><div class="PlainText">'
        f"{inside}</div></span></font>\r\n</body>\r\n</html>\r\n"
    )


def filtered(document: str) -> str:
    """Return a body after Exchange's filter of unsafe HTML.

    The filter removes scripts, handlers and ``data-`` attributes. It puts ``x_`` before
    names of classes and ids, also in style sheets.
    """
    document = _SCRIPT.sub("", document)
    document = _STYLE.sub(_filtered_style, document)
    return _START_TAG.sub(_filtered_tag, document)


def _filtered_style(match: re.Match[str]) -> str:
    return _SELECTOR.sub(lambda part: _NAMED.sub(r"\1x_", part[0]), match[0])


def _filtered_tag(match: re.Match[str]) -> str:
    return _ATTRIBUTE.sub(_filtered_attribute, match[0])


def _filtered_attribute(match: re.Match[str]) -> str:
    name, value = match[1].lower(), match[2]
    if name.startswith(("data-", "on")):
        return ""
    if name not in ("class", "id"):
        return match[0]
    words = " ".join(f"x_{word}" for word in value.strip("\"'").split())
    return f' {name}="{words}"'


def inner(document: str) -> str:
    """Return the content of ``<body>``, without line ends around it."""
    match = _BODY.search(document)
    return (match.group(1) if match else document).strip("\r\n")


def to_text(document: str) -> str:
    """Return the plain text of a body, with CRLF line ends."""
    text = _HIDDEN.sub("", document)
    text = _BREAK.sub("\n", re.sub(r"[\r\n]+", " ", text))
    text = html.unescape(_TAG.sub("", text)).replace("\xa0", " ")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return "\r\n".join(line for line in lines if line)


def preview(document: str) -> str:
    """Return ``bodyPreview``: the first 255 characters of the text."""
    # A body may have a megabyte; a preview needs only its beginning.
    return to_text(document[:100_000])[:_PREVIEW_LENGTH]


def teams_blob(join_url: str, meeting_id: str, passcode: str, options_url: str) -> str:
    """Return the HTML block that Teams writes into the body of a meeting."""
    rule = (
        '<div style="width:100%"><span style="white-space:nowrap; color:#5F5F5F; '
        f'opacity:.36">{_RULE}</span>\r\n</div>'
    )
    link = html.escape(join_url)
    return (
        f'<br>\r\n{rule}\r\n<div class="me-email-text" lang="en-US" '
        "style=\"color:#252424; font-family:'Segoe UI',Helvetica,Arial,sans-serif\">"
        '\r\n<div style="margin-top:24px; margin-bottom:20px"><span style="font-size:'
        '24px; color:#252424">Microsoft Teams meeting</span>\r\n</div>\r\n'
        '<div style="margin-bottom:20px">\r\n<div style="font-weight:bold"><span '
        'style="font-size:14px; color:#252424">Join on your computer, mobile app or '
        f'room device</span>\r\n</div>\r\n<a href="{link}" class="me-email-headline" '
        'style="font-size:14px; text-decoration:underline; color:#6264a7">Click\r\n '
        "here to join the meeting</a> </div>\r\n"
        '<div style="margin-bottom:20px; margin-top:20px">\r\n<div><span '
        'data-tid="meeting-code" style="font-size:14px; color:#252424">Meeting ID:\r\n'
        f'<span style="font-size:16px; color:#252424">{meeting_id}</span> </span><br>'
        '\r\n<span style="font-size:14px; color:#252424">Passcode: </span><span '
        f'style="font-size:16px; color:#252424">{passcode}\r\n</span></div>\r\n</div>'
        f'\r\n<div style="font-size:14px"><a href="{html.escape(options_url)}" '
        'class="me-email-link">Meeting options</a> </div>\r\n</div>\r\n'
        f"{rule}"
    )


def append(document: str, block: str) -> str:
    """Add a block at the end of a body."""
    inside = inner(document)
    return from_html(f"{inside}\r\n{block}" if inside else block)


def contains_link(document: str, url: str) -> bool:
    """Return True if a body has a link to ``url``, escaped or not."""
    return url in document or html.escape(url) in document
