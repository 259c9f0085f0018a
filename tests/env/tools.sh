# Tools for lint and tests only: npm packages and docker-compose. Sourced by setup.sh.
# Node comes with the Python environment, so that every machine has the same.

install_node_modules() {
    cd "$ROOT"
    PATH=$VENV/bin:$PATH npm ci --prefer-offline --ignore-scripts --cache "$CACHE/npm"
}

# The compose plugin runs alone: `config` needs no Docker engine.
unpack_docker_compose() {
    rm -rf "$WORK/docker-compose"
    mkdir -p "$WORK/docker-compose"
    dpkg-deb -x "$(deb_file docker-compose)" "$WORK/docker-compose"
    ln -s usr/libexec/docker/cli-plugins/docker-compose "$WORK/docker-compose/docker-compose"
    "$WORK/docker-compose/docker-compose" version
}

setup_tools() {
    local inputs
    inputs=$(cat "$ROOT/package.json" "$ROOT/package-lock.json" "$ROOT/.npmrc" | hash_of)
    if ! stamped node "$inputs" || [ ! -d "$ROOT/node_modules" ]; then
        step "installing the style tools for JavaScript and XML" install_node_modules
        stamp node "$inputs"
    fi
    inputs=$(deb_pins docker-compose | hash_of)
    if ! stamped docker-compose "$inputs"; then
        fetch_debs docker-compose
        step "unpacking docker-compose" unpack_docker_compose
        stamp docker-compose "$inputs"
    fi
}
