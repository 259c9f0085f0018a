# The Odoo 19 tree in .odoo/root, from Debian's package. Sourced by setup.sh.

ODOO_DEBS=(odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-font-awesome
    fonts-inconsolata fonts-ocr-b fonts-roboto-unhinted fonts-montserrat)

unpack_odoo() {
    local odoo package skip=$WORK/skip.txt
    rm -rf "$WORK/root"
    mkdir -p "$WORK/root"
    odoo=$(deb_file odoo-19)
    # Two thirds of the tree are translations; the tests need German and French at most.
    dpkg-deb --fsys-tarfile "$odoo" | tar -t |
        grep '\.po$' | grep -vE '/(de|fr)(_[A-Z]+)?\.po$' >"$skip"
    # dist-packages/addons is a second copy of odoo/addons.
    dpkg-deb --fsys-tarfile "$odoo" | tar -x -C "$WORK/root" --no-same-owner \
        --exclude=./usr/lib/python3/dist-packages/{addons,setup,doc} --no-wildcards -X "$skip"
    rm "$skip"
    for package in "${ODOO_DEBS[@]:1}"; do
        dpkg-deb --fsys-tarfile "$(deb_file "$package")" |
            tar -x -C "$WORK/root" --no-same-owner
    done
    # Debian removed this file and left it in web.assets_backend: without it every page
    # logs an error and every tour fails. It only blurs the background of calls.
    local stub=$ODOO_SITE/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    if [ ! -e "$stub" ]; then
        mkdir -p "$(dirname "$stub")"
        echo '// Not part of the Debian package.' >"$stub"
    fi
}

setup_odoo() {
    local inputs
    inputs=$(cat "$ENV_DIR/debs.txt" "$ENV_DIR/odoo.sh" | hash_of)
    if stamped odoo "$inputs" && [ -d "$ODOO_SITE/odoo" ]; then return; fi
    fetch_debs "${ODOO_DEBS[@]}"
    write_deb_lock
    step "unpacking Odoo 19" unpack_odoo
    stamp odoo "$inputs"
}
