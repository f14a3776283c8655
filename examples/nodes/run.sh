#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Two nodes as two processes: one has a chat room, the other a guest. First in
# clear text, which is for one machine; then with certificates.
#
# usage: examples/nodes/run.sh        (AKTVM: another aktvm)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
aktvm=${AKTVM:-$here/../../build/release/aktvm}
work=$(mktemp -d)
hall=
trap '[ -z "$hall" ] || kill $hall 2> /dev/null || true; rm -rf "$work"' EXIT

# meet OPTIONS-OF-THE-HALL -- OPTIONS-OF-THE-GUEST
meet() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    : > "$work/out"
    "$aktvm" --name hall --listen 127.0.0.1:0 --admin off "${options[@]}" \
        "$here/room.lua" > "$work/out" &
    hall=$!
    until grep -q listens "$work/out"; do
        kill -0 $hall
        sleep 0.02
    done
    "$aktvm" --name ann --admin off "$@" \
        --connect "hall@$(sed -n 's/^listens on //p' "$work/out")" \
        "$here/guest.lua" Ann
    wait $hall # the room was empty, so its program has ended
    hall=
}

echo "== in clear text"
meet --cluster party -- --cluster party

echo "== with certificates"
"$aktvm" pki init "$work/pki" --cluster party > "$work/log"
for name in hall ann; do
    "$aktvm" pki issue $name --dir "$work/pki" >> "$work/log"
done
tls() { echo "--tls-ca $work/pki/ca.pem --tls-cert $work/pki/$1.pem --tls-key $work/pki/$1.key"; }
# shellcheck disable=SC2046 # words
meet $(tls hall) -- $(tls ann)
