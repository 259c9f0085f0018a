# Words that the set-up scripts share. Sourced, never run.
# stdout belongs to `make env`, which prints export lines only: all talk goes to stderr.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
ENV_DIR=$ROOT/tests/env
WORK=$ROOT/.odoo
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/praetorx-ms365
ODOO_SITE=$WORK/root/usr/lib/python3/dist-packages
VENV=$WORK/venv
# A cluster of our own trusts its one machine; these three are what clients need.
DB_USER=odoo

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# step LABEL COMMAND...: run it with its output in a log, and tell how long it took; on
# failure show the end of the log and stop.
step() {
    local label=$1 log pid start=$SECONDS
    shift
    log=$WORK/log/setup-$1.log
    mkdir -p "$WORK/log"
    begin_line "$label"
    "$@" >"$log" 2>&1 &
    pid=$!
    show_life "$pid"
    if ! wait "$pid"; then
        end_line "$label" failed
        tail -n 25 "$log" >&2
        die "$label (whole log: $log)"
    fi
    end_line "$label" "$((SECONDS - start)) s"
}

# One line for a step, with a dot every two seconds. Of steps that run side by side each
# begins and ends with a line of its own.
begin_line() {
    if [ -n "${SIDE_BY_SIDE-}" ]; then say "$1 ..."; else printf '%-50s ' "$1" >&2; fi
}

show_life() {
    local pid=$1 tick=0
    [ -z "${SIDE_BY_SIDE-}" ] || return 0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        if ((++tick % 10 == 0)); then printf . >&2; fi
    done
}

end_line() {
    if [ -n "${SIDE_BY_SIDE-}" ]; then say "$(printf '%-50s %s' "$1" "$2")"; else say " $2"; fi
}

is_root() { [ "$(id -u)" -eq 0 ]; }

hash_of() { sha256sum | cut -d' ' -f1; }

# A stamp holds the inputs that a step was made from: same inputs, nothing to do.
stamped() { [ "$(cat "$WORK/stamps/$1" 2>/dev/null)" = "$2" ]; }

stamp() {
    mkdir -p "$WORK/stamps"
    printf '%s\n' "$2" >"$WORK/stamps/$1"
}

# install_packages PACKAGE...: with apt when we are root, else say what to type.
install_packages() {
    is_root || die "missing on this machine: $*; install it with: sudo apt-get install $*"
    step "installing $*" apt_install "$@"
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    # apt does not wait for another apt that reads the package lists.
    exec 8>"$WORK/apt.lock"
    flock 8
    apt-get install -y -q --no-install-recommends "$@" && return
    # A slim image has no package lists at all.
    apt-get update -q && apt-get install -y -q --no-install-recommends "$@"
}

free_port() {
    "$VENV/bin/python" -c '
import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}
