"""Find our texts on a screen that are not in the reader's language."""

from __future__ import annotations

import re
from functools import lru_cache

import polib
from playwright.sync_api import Page

from env.paths import ADDONS, ROOT

#: A placeholder for a value in a sentence.
_PLACE = re.compile(r"%(?:\(\w+\))?[sd]|\{\w+\}")
#: All texts of the page that a reader may see, one in each entry. Messages below a form
#: stay in the language in which they were written, so they can be left out.
_TEXTS = """
(messages) => {
    const texts = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const isSeen =
            parent.checkVisibility() && !/^(SCRIPT|STYLE)$/.test(parent.tagName);
        if (isSeen && (messages || !parent.closest(".o-mail-Form-chatter"))) {
            texts.add(walker.currentNode.textContent);
        }
    }
    for (const box of document.querySelectorAll("[title], [placeholder]")) {
        texts.add(box.getAttribute("title") || box.getAttribute("placeholder") || "");
    }
    return [...texts].map((text) => text.replace(/\\s+/g, " ").trim());
}
"""


def untranslated(
    page: Page, language: str, names: frozenset[str], *, messages: bool = True
) -> list[str]:
    """Return our texts on the screen that are still in English.

    :param language: language of the reader, like a translation file: ``de``
    :param names: names given by people; they are not translated
    :param messages: whether to look at the messages below a form
    """
    whole, patterns = _english(language)
    return sorted(
        text
        for text in page.evaluate(_TEXTS, messages)
        if text not in names
        and (text in whole or any(pattern.fullmatch(text) for pattern in patterns))
    )


@lru_cache
def _english(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return the English texts with another text in this language."""
    whole, patterns = set(), []
    for addon in ADDONS:
        for entry in polib.pofile(str(ROOT / addon / "i18n" / f"{language}.po")):
            text = " ".join(entry.msgid.split())
            if entry.msgid == entry.msgstr:
                continue
            if _PLACE.search(text):
                pieces = map(re.escape, _PLACE.split(text))
                patterns.append(re.compile(".+".join(pieces)))
            else:
                whole.add(text)
    # A pattern with almost only placeholders would match any text.
    wordy = [one for one in patterns if len(one.pattern.replace(".+", "")) > 12]
    return frozenset(whole), tuple(wordy)
