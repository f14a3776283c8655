#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Only text is loaded: neither a script nor load() takes compiled Lua.
set -uo pipefail
fail() { echo "$*" >&2; exit 1; }
printf '\x1bLua\x54\x00\x19\x93\r\n\x1a\n' >"$AKT_TEST_TMP/b.luac"
out=$("$AKTVM" "$AKT_TEST_TMP/b.luac" 2>&1)
[ $? = 1 ] || fail "exit code: $out"
[[ $out == *"only text is loaded"* ]] || fail "message: $out"
out=$("$AKTVM" -e 'print(load("\27Lua")) print(string.dump)' 2>&1) || fail "$out"
[[ $out == *"only text is loaded"*nil ]] || fail "load: $out"
