export default {
    plugins: ["@prettier/plugin-xml"],
    printWidth: 88,
    // Odoo reads text nodes literally: a line break inside a label is a change.
    xmlWhitespaceSensitivity: "strict",
    xmlSelfClosingSpace: true,
};
