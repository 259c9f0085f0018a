#!/usr/bin/env bash
# Rewrite the hash-pinned requirement files from the *.in files beside them.
# Needs uv (`pip install uv`) and the package index; run it when a pin has to move.
set -euo pipefail
cd "$(dirname "$0")"
for name in build odoo test; do
    constraints=()
    # What the tests bring along must not move what Odoo pins.
    [ "$name" != test ] || constraints=(-c requirements-odoo.txt)
    # Hashes for every platform and every Python that Odoo 19 runs on.
    uv pip compile -q --universal --python-version 3.10 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate "${constraints[@]}" \
        -o "requirements-$name.txt" "requirements-$name.in"
done
