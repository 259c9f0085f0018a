# Debian packages by pin, kept in the user's cache. Sourced by setup.sh.
# apt works on private folders: it needs no root right and changes nothing of the machine.

DEBS=$CACHE/debs
APT=$WORK/apt

# deb_pins [PACKAGE]: the lines "package version suite sha256" of debs.txt.
deb_pins() { awk -v package="${1:-}" '!/^#/ && NF && (package == "" || $1 == package)' "$ENV_DIR/debs.txt"; }

has_hash() { [ -f "$1" ] && [ "$(hash_of <"$1")" = "$2" ]; }

# sid keeps one version only. What was taken in place of a vanished pin stands in this
# file of the cache, as "pinned-sha256 file sha256", so that later runs take the same.
substitute_for() {
    [ -f "$DEBS/substitutes" ] && awk -v pin="$1" '$1 == pin {line = $2 " " $3} END {print line}' "$DEBS/substitutes"
}

# deb_file PACKAGE: the verified file in the cache, or nothing.
deb_file() {
    local package version suite sha256 file substitute
    read -r package version suite sha256 < <(deb_pins "$1")
    file=$DEBS/$sha256.deb
    if has_hash "$file" "$sha256"; then
        echo "$file"
        return
    fi
    read -r file substitute < <(substitute_for "$sha256") || return 0
    if has_hash "$DEBS/$file" "$substitute"; then echo "$DEBS/$file"; fi
}

# The Debian mirror this machine uses already: no host is named here.
debian_mirror() {
    if [ -n "${ODOO_MIRROR:-}" ]; then
        echo "$ODOO_MIRROR"
        return
    fi
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)|$(LABEL)' 2>/dev/null |
        awk '$2 == "Debian|Debian" {print $1; exit}')
    if [ -z "$mirror" ] && grep -qx 'ID=debian' /etc/os-release; then
        # No package lists yet (slim images): read the configuration itself.
        mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
            sed -nE 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p; s/^deb[[:space:]]+(\[[^]]*\][[:space:]]*)?([^[:space:]]+).*/\2/p' |
            grep -i debian | grep -v security | head -n 1)
    fi
    [ -n "$mirror" ] || die "Odoo 19 comes as a Debian package, and no Debian mirror is configured here;
       name one: ODOO_MIRROR=<address of a Debian mirror> make env"
    echo "$mirror"
}

debian_keyring() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        if [ -f "$file" ]; then
            echo "$file"
            return
        fi
    done
    die "Debian's archive keys are missing; install them with: sudo apt-get install debian-archive-keyring"
}

private_apt() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::sourcelist="$APT/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State::Lists="$APT/lists" -o Dir::State::status=/dev/null \
        -o Dir::Cache="$APT/cache" -o APT::Sandbox::User= -o Acquire::Languages=none \
        -o APT::Get::List-Cleanup=false -o Debug::NoLocking=true -q "$@"
}

read_package_lists() {
    local mirror=$1 keyring=$2 suite
    mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
    for suite in sid bookworm; do
        echo "deb [signed-by=$keyring] $mirror $suite main"
    done >"$APT/sources.list"
    private_apt apt-get update
}

# The newest version that the pin may be replaced by: same series of Odoo, same suite.
newest_version() {
    local package=$1 suite=$2 series=.
    [ "$package" != odoo-19 ] || series='^19\.0\.'
    private_apt apt-cache madison "$package" |
        awk -F' *[|] *' -v suite=" $suite/" -v series="$series" 'index($3, suite) && $2 ~ series {print $2; exit}'
}

download_deb() {
    local package=$1 version=$2 folder=$3
    mkdir -p "$folder"
    (cd "$folder" && rm -f ./*.deb && private_apt apt-get download "$package=$version")
}

fetch_deb() {
    local package version suite sha256 folder file actual
    read -r package version suite sha256 < <(deb_pins "$1")
    folder=$APT/download/$package
    if download_deb "$package" "$version" "$folder"; then
        file=$(ls "$folder"/*.deb)
        has_hash "$file" "$sha256" || return 1
        mv "$file" "$DEBS/$sha256.deb"
        return
    fi
    version=$(newest_version "$package" "$suite")
    [ -n "$version" ] && download_deb "$package" "$version" "$folder" || return 1
    file=$(ls "$folder"/*.deb)
    actual=$(hash_of <"$file")
    mv "$file" "$DEBS/$actual.deb"
    echo "$sha256 $actual.deb $actual" >>"$DEBS/substitutes"
}

download_debs() {
    local package
    for package in "$@"; do
        fetch_deb "$package" || { echo "no usable $package on this mirror"; return 1; }
    done
}

# fetch_debs PACKAGE...: have all of them in the cache, downloading what is missing.
fetch_debs() {
    local package missing=() mirror keyring
    for package in "$@"; do
        [ -n "$(deb_file "$package")" ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    mkdir -p "$DEBS"
    mirror=$(debian_mirror)
    keyring=$(debian_keyring)
    step "reading Debian's package lists" read_package_lists "$mirror" "$keyring"
    step "downloading ${missing[0]} and $((${#missing[@]} - 1)) more packages" \
        download_debs "${missing[@]}"
    rm -rf "$APT"
}

# What really was used, with a warning where it is not the pin.
write_deb_lock() {
    local package version suite sha256 file
    while read -r package version suite sha256; do
        file=$(deb_file "$package")
        [ -n "$file" ] || continue
        version=$(dpkg-deb -f "$file" Version)
        echo "$package $version $suite $(basename "$file" .deb)"
        [ "$(basename "$file" .deb)" = "$sha256" ] ||
            say "warning: the pinned $package has left Debian's $suite; $version is used instead"
    done < <(deb_pins) >"$WORK/odoo.lock"
}
