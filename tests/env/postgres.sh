# PostgreSQL: the server that PGHOST names, or a cluster of our own. Sourced by setup.sh.

pg_bin() {
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
        "$(pg_config --bindir 2>/dev/null)"; do
        if [ -x "$folder/initdb" ]; then
            echo "$folder"
            return
        fi
    done
    return 1
}

# PostgreSQL refuses to run as root: it gets the machine's database user, or nobody.
pg_owner() { id -un postgres 2>/dev/null || echo nobody; }

as_pg() {
    if is_root; then
        (cd / && runuser -u "$(pg_owner)" -- "$@")
    else
        "$@"
    fi
}

# .odoo/pg, or a folder in /var/tmp named after the checkout when the checkout lies in a
# home that the database user may not enter. This is the one place outside of it.
pg_folder() {
    local folder=$WORK/pg
    mkdir -p "$folder"
    if is_root; then
        chown "$(pg_owner)" "$folder"
        if ! as_pg test -w "$folder"; then
            folder=/var/tmp/praetorx-ms365-$(hash_of <<<"$ROOT" | cut -c1-12)
            mkdir -p "$folder"
            chown "$(pg_owner)" "$folder"
        fi
    fi
    echo "$folder"
}

init_cluster() {
    local data=$1
    as_pg "$PG_BIN/initdb" -D "$data" -U "$DB_USER" -A trust -E UTF8 --locale=C.UTF-8 --no-sync
    # Nothing in here is worth an fsync. No socket: its path has a limit of 107 bytes.
    as_pg tee -a "$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 256MB
max_connections = 200
jit = off
CONF
}

start_cluster() {
    local data=$1 port=$2
    # The set-up lock must not live on in the server: descriptor 9 is closed.
    as_pg "$PG_BIN/pg_ctl" -D "$data" -w -t 60 -l "$data/server.log" -o "-p $port" start 9>&-
}

# Sets PGHOST, PGPORT, PGUSER to a running server.
setup_postgres() {
    local data pid port
    # A cluster of ours that an earlier `make env` of this shell named is not foreign.
    if [ -n "${PGHOST:-}" ] && [ -z "${PRAETORX_OWN_POSTGRES:-}" ]; then
        PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-$(id -un)}
        return
    fi
    PRAETORX_OWN_POSTGRES=1
    PG_BIN=$(pg_bin) || {
        install_packages postgresql
        PG_BIN=$(pg_bin) || die "no PostgreSQL server found after installing it"
    }
    data=$(pg_folder)/data
    if [ ! -f "$data/PG_VERSION" ]; then
        step "making a PostgreSQL cluster" init_cluster "$data"
    elif [ ! -x "${PG_BIN%/*/bin}/$(cat "$data/PG_VERSION")/bin/postgres" ]; then
        die "the cluster in $data was made by another PostgreSQL; remove it and run again"
    else
        PG_BIN=${PG_BIN%/*/bin}/$(cat "$data/PG_VERSION")/bin
    fi
    PGHOST=127.0.0.1 PGUSER=$DB_USER
    echo "$data" >"$WORK/pg.data"
    # The server's own pid file: line 1 its process, line 4 its port.
    { read -r pid && read -r _ && read -r _ && read -r PGPORT; } \
        < <(as_pg cat "$data/postmaster.pid" 2>/dev/null) || pid=
    if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = postgres ] &&
        (exec 3<>"/dev/tcp/$PGHOST/$PGPORT") 2>/dev/null; then
        return
    fi
    # The port of the last time if it is free, so that running clients find it again.
    port=$(cat "$WORK/pg.port" 2>/dev/null) || port=$(free_port)
    if (exec 3<>"/dev/tcp/$PGHOST/$port") 2>/dev/null; then port=$(free_port); fi
    step "starting PostgreSQL" start_cluster "$data" "$port"
    echo "$port" >"$WORK/pg.port"
    PGPORT=$port
}

stop_postgres() {
    local data
    data=$(cat "$WORK/pg.data" 2>/dev/null) || return 0
    as_pg test -f "$data/postmaster.pid" || return 0
    PG_BIN=$(pg_bin) || return 0
    as_pg "$PG_BIN/pg_ctl" -D "$data" -m fast stop >&2 || true
}

# The folder outside of the checkout, where there is one; the rest lies in .odoo.
remove_cluster() {
    local folder
    folder=$(dirname "$(cat "$WORK/pg.data" 2>/dev/null)")
    case $folder in /var/tmp/praetorx-ms365-*) rm -rf "$folder" ;; esac
}
