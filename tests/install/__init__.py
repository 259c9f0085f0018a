"""Install, upgrade and uninstall the addons in a database with data."""
