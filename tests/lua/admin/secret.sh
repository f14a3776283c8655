# A secret is shown as <secret> in what inspect and a crash file tell of a state
# and of messages.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start keeper "$here/secret.lua"
expect 0 inspect keeper --json
has '"key":"<secret>"' '"list":[["<secret>"]]' '"by_key":{"<secret>":1}' \
  '"message":["hold","<secret>"]' '["take","<secret>",{"deep":"<secret>"},"<secret>"]'
case "$out" in *hunter2*) fail "a secret: $out" ;; esac
expect 0 heap keeper
case "$out" in *hunter2*) fail "a secret: $out" ;; esac
expect 0 shutdown

dir="$AKT_TEST_TMP/crashes"
"$AKTVM" --crash-dir "$dir" "$here/secret.lua" die > /dev/null 2>&1
cat "$dir"/crash-*.json > "$AKT_TEST_TMP/crash" || fail "no crash file"
for text in '"key":"<secret>"' '["take","<secret>",{"deep":"<secret>"},"<secret>"]' \
  '["hold","<secret>"]'; do
  grep -qF -- "$text" "$AKT_TEST_TMP/crash" ||
    fail "'$text' is not in: $(cat "$AKT_TEST_TMP/crash")"
done
! grep -q hunter2 "$AKT_TEST_TMP/crash" || fail "a secret in the file"
