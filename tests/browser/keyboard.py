"""Use a screen with the keyboard alone, and see where one is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from e2e.harness.waiting import eventually

#: More presses than a person would bear.
_MANY = 60
_HAS_FOCUS = "(element) => element === document.activeElement"
#: A line around the focused element, a shadow that is no mere edge, or a cursor.
_IS_SEEN = """
() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const line = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const shadow = /rgba?\\([^)]+\\)( \\S+){3} ([\\d.]+)px/.exec(style.boxShadow);
    const box = element.getBoundingClientRect();
    const isInWindow = box.bottom > 0 && box.top < innerHeight;
    const hasCursor = element.matches(
        "textarea, input:not([type=checkbox], [type=radio])");
    const hasShadow = Boolean(shadow && parseFloat(shadow[2]) >= 1);
    return isInWindow && (line || hasCursor || hasShadow);
}
"""


class Keyboard:
    """The keyboard of a person who looks at a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, target: Locator) -> None:
        """Press Tab until an element has the focus; fail if it is not seen there."""
        target.wait_for()
        for _press in range(_MANY):
            if target.evaluate(_HAS_FOCUS):
                self.expect_at(target)
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def use(self, target: Locator, key: str = "Enter") -> None:
        """Go to an element with Tab, and press a key there."""
        self.tab_to(target)
        self.press(key)

    def expect_at(self, target: Locator) -> None:
        """Fail if an element does not get the focus, or if nobody can see it."""
        expect(target).to_be_focused()
        eventually(lambda: self.page.evaluate(_IS_SEEN), f"the focus on {target}")
