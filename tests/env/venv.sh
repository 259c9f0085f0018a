# The Python environment in .odoo/venv, from hash-pinned requirements. Sourced by setup.sh.

# The interpreter: PYTHON if given, else the first of 3.10 to 3.13 that is found. Not the
# one in our own environment, which is first on the PATH where somebody has activated it.
find_python() {
    local name PATH=:$PATH:
    PATH=${PATH//:"$VENV/bin":/:}
    PATH=${PATH#:} PATH=${PATH%:}
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
        "$name" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
            2>/dev/null && command -v "$name" && return
    done
    return 1
}

require_python() {
    PYTHON_FOUND=$(find_python) || {
        install_packages python3 python3-venv
        PYTHON_FOUND=$(find_python) || die "Python 3.10 to 3.13 is needed; name one: PYTHON=<path> make env"
    }
    "$PYTHON_FOUND" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
}

# Wheels are made once and kept, so that a second checkout downloads and builds nothing.
make_wheels() {
    local wheels=$1 pip=("$VENV/bin/python" -m pip --disable-pip-version-check --cache-dir "$CACHE/pip")
    rm -rf "$wheels.part"
    mkdir -p "$wheels.part"
    "${pip[@]}" install -q --require-hashes -r "$ENV_DIR/requirements-build.txt"
    # Old packages come as source only; they are built with the pinned setuptools.
    "${pip[@]}" wheel -q --require-hashes --no-build-isolation --no-deps -w "$wheels.part" \
        -r "$ENV_DIR/requirements-build.txt" -r "$ENV_DIR/requirements-odoo.txt" \
        -r "$ENV_DIR/requirements-test.txt"
    (cd "$wheels.part" && sha256sum ./*.whl >SHA256SUMS)
    rm -rf "$wheels"
    mv "$wheels.part" "$wheels"
}

make_venv() {
    rm -rf "$VENV"
    "$PYTHON_FOUND" -m venv "$VENV"
}

fill_venv() {
    local wheels=$1 site
    (cd "$wheels" && sha256sum --quiet -c SHA256SUMS)
    "$VENV/bin/python" -m pip --disable-pip-version-check install -q --no-index --no-deps \
        "$wheels"/*.whl
    # A path file and not PYTHONPATH: pytest, coverage, `odoo gevent` and editors see it.
    site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$ODOO_SITE" >"$site/odoo.pth"
    printf '#!%s\nfrom odoo.cli import main\nmain()\n' "$VENV/bin/python" >"$VENV/bin/odoo"
    chmod +x "$VENV/bin/odoo"
}

# An environment made with another interpreter is kept, unless PYTHON asks for one.
is_wanted_python() {
    [ -x "$VENV/bin/python" ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" -V)" = "$("$VENV/bin/python" -V)" ]
}

setup_venv() {
    local inputs version key
    inputs=$(cat "$ENV_DIR"/requirements-{build,odoo,test}.txt "$ENV_DIR/venv.sh" - <<<"$VENV" | hash_of)
    if stamped venv "$inputs" && is_wanted_python; then return; fi
    require_python
    # To the patch release: pins differ between 3.11.2 and 3.11.5.
    version=$("$PYTHON_FOUND" -c 'import platform, sys; print(sys.implementation.cache_tag, platform.python_version(), platform.machine(), platform.libc_ver()[0])')
    key=$(cat "$ENV_DIR"/requirements-{build,odoo,test}.txt - <<<"$version" | hash_of)
    step "making the Python environment" make_venv
    if [ ! -f "$CACHE/wheels/$key/SHA256SUMS" ]; then
        step "downloading Python packages" make_wheels "$CACHE/wheels/$key"
    fi
    step "installing Python packages" fill_venv "$CACHE/wheels/$key"
    stamp venv "$inputs"
}
