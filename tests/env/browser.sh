# Chromium for the browser tests, of the machine. Sourced by setup.sh.

find_chromium() {
    local name
    # Odoo's own browser tests look for the same names in the same order.
    for name in google-chrome chromium chromium-browser google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

# Ubuntu has a transitional package only, which asks for snap.
chromium_is_packaged() {
    local policy
    grep -qx 'ID=debian' /etc/os-release || return 1
    policy=$(apt-cache policy chromium 2>/dev/null)
    [[ -z $policy || $policy =~ Candidate:\ [0-9] ]]
}

# Where it can be done without asking anybody.
install_browser() {
    if ! find_chromium >/dev/null && is_root && chromium_is_packaged; then
        install_packages chromium
    fi
}

# Sets CHROMIUM_BIN, empty where there is none: only the tests need it, and they say so.
setup_browser() {
    install_browser
    CHROMIUM_BIN=$(find_chromium) || {
        CHROMIUM_BIN=
        say "note: no Chromium on this machine; the browser tests need it:"
        say "      sudo apt-get install chromium   (Ubuntu: sudo snap install chromium)"
    }
}
