"""Check with axe that people who cannot see or point can use what is ours.

axe checks our elements only. Where a widget of Odoo draws a part of them, a finding may
be of Odoo: :data:`STOCK_FINDINGS` has each of these, with its reason.
"""

from __future__ import annotations

from functools import lru_cache

from playwright.sync_api import Page

from env.paths import ROOT

#: What is ours: views of our models, their dialogs, and what we add to other screens.
OURS = (
    ".o_ms365",
    ".modal-content:has(.o_view_controller.o_ms365) .modal-footer",
    "[class*='o_ms365_']",
    "[id^='ms365_']",
    "[name^='ms365_']",
    "label[for^='ms365_']",
    "button[name^='action_ms365_']",
    "[name='is_teams_meeting']",
)
#: What stands in the views of our models, and is the same in every view of Odoo.
STOCK_PARTS = (
    ".o_control_panel",  # breadcrumbs, search and pager
    ".o-mail-Form-chatter",  # messages and activities below a form
    ".o_optional_columns_dropdown",  # the button that chooses columns
    ".o_list_record_selector",  # the box that selects a row
    ".o_list_actions_header",  # the empty header above the buttons that delete rows
)
#: Rule of axe -> selector of what Odoo's own widgets draw, with the reason.
STOCK_FINDINGS = {
    # Lists of choices: their state is written to a role that does not have it.
    "aria-allowed-attr": ".o-dropdown, .o-autocomplete--input, .o_tag",
    # A value by which Odoo keeps browsers from filling in a list of choices.
    "autocomplete-valid": ".o_select_menu_input",
    # The button that copies a field has an icon alone.
    "button-name": ".o_clipboard_button",
    # The picture in a tag; the tag itself has the name of the person.
    "image-alt": ".o_m2m_avatar",
    # The header above the buttons of rows is empty, and so are cells beside a group.
    "empty-table-header": ".o_list_button, .o_group_header th",
    # A box in a row that cannot be changed; its column has the name.
    "label": ".o_data_row .form-check-input:disabled",
    # A view in a dialog has its part of the page in that of the dialog.
    "landmark-main-is-top-level": ".o_content",
    "landmark-no-duplicate-main": ".o_content",
    "landmark-unique": ".o_content",
    # A card of a kanban view is an article that acts as a link.
    "aria-allowed-role": ".o_kanban_record",
}
_CHECK = """
async ([include, exclude]) => {
    for (const animation of document.getAnimations()) {
        // Half faded in, a text has too little contrast. An endless one has no end.
        if (Number.isFinite(animation.effect.getComputedTiming().endTime)) {
            animation.finish();
        }
    }
    const here = (selector) => document.querySelector(selector);
    if (!include.some(here)) {
        return null;
    }
    const found = await axe.run(
        { include: include.filter(here), exclude: exclude.filter(here) },
        { resultTypes: ["violations"] },
    );
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => {
        const checks = [...node.any, ...node.all, ...node.none];
        return {
            rule: id,
            selector: node.target.join(" "),
            html: node.html.slice(0, 200),
            why: checks.map((check) => check.message).join("; ").slice(0, 200),
        };
    }));
}
"""
_IS = "([found, stock]) => document.querySelector(found)?.matches(stock)"


def findings(page: Page) -> list[str]:
    """Return what axe finds in our elements of a page, one text each.

    :raise AssertionError: nothing on the page is ours
    """
    page.evaluate(_script())
    found = page.evaluate(_CHECK, [list(OURS), list(STOCK_PARTS)])
    assert found is not None, f"nothing on {page.url} is ours"
    return [
        f"{one['rule']}: {one['selector']}\n    {one['html']}\n    {one['why']}"
        for one in found
        if not _is_of_odoo(page, one["rule"], one["selector"])
    ]


def _is_of_odoo(page: Page, rule: str, selector: str) -> bool:
    stock = STOCK_FINDINGS.get(rule)
    return bool(stock and page.evaluate(_IS, [selector, stock]))


@lru_cache
def _script() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
