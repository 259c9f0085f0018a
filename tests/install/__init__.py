"""Installing, upgrading and uninstalling where people work already."""
