#!/usr/bin/env bash
# Set up Odoo 19, Python, PostgreSQL and Chromium; print export lines for them on stdout.
#
#   setup.sh                everything, idempotent: steps whose inputs are the same are skipped
#   setup.sh --no-browser   without Chromium
#   setup.sh --tools        with what lint and tests need besides
#   setup.sh --stop         stop the PostgreSQL of this checkout
#   setup.sh --clean        stop it, and remove everything but the cache
#
# Writes to .odoo/ of the checkout and the user's cache folder; as root it also installs
# missing Debian packages.
set -euo pipefail
cd "$(dirname "$0")"
for part in lib debs odoo venv postgres browser tools; do
    # shellcheck source=/dev/null
    . "./$part.sh"
done

write_odoo_conf() {
    local conf=$WORK/odoo.conf
    cat >"$conf.new" <<CONF
[options]
addons_path = $ODOO_ADDONS_PATH
data_dir = $WORK/data
db_host = $PGHOST
db_port = $PGPORT
db_user = $PGUSER
http_interface = 127.0.0.1
CONF
    [ -z "${PGPASSWORD:-}" ] || echo "db_password = $PGPASSWORD" >>"$conf.new"
    chmod 600 "$conf.new"
    mv "$conf.new" "$conf"
}

print_exports() {
    local name value
    for name in ODOO_PYTHON ODOO_BIN ODOO_CONF ODOO_ADDONS_PATH PGHOST PGPORT PGUSER \
        PRAETORX_OWN_POSTGRES CHROMIUM_BIN; do
        value=${!name-}
        # Plain where it can be: other programs read these lines too.
        [[ $value =~ ^[A-Za-z0-9_./,:@+-]*$ ]] || printf -v value %q "$value"
        echo "export $name=$value"
    done
}

[ "$(id -u)" -ne 0 ] || umask 022
mkdir -p "$WORK" "$CACHE"
exec 9>"$WORK/setup.lock"
flock 9

case ${1:-} in
    --stop)
        stop_postgres
        exit
        ;;
    --clean)
        stop_postgres
        remove_cluster
        rm -rf "$WORK" "$ROOT/node_modules"
        exit
        ;;
esac

# Side by side: one lane waits for the mirror while the other one works.
SIDE_BY_SIDE=1
{
    setup_odoo
    [ "${1:-}" = --no-browser ] || install_browser
} &
other_lane=$!
setup_venv
setup_postgres
wait "$other_lane"
SIDE_BY_SIDE=
if [ "${1:-}" = --tools ]; then setup_tools; fi
if [ "${1:-}" = --no-browser ]; then
    CHROMIUM_BIN=$(find_chromium || true)
else
    setup_browser
fi

ODOO_PYTHON=$VENV/bin/python
ODOO_BIN=$VENV/bin/odoo
ODOO_CONF=$WORK/odoo.conf
ODOO_ADDONS_PATH=$ODOO_SITE/odoo/addons,$ROOT
write_odoo_conf
print_exports | tee "$WORK/env.sh"
