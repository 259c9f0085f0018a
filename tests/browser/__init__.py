"""A person at a browser: what is seen and clicked, on real pages."""
