# Looking at actors that come and go all the time.
. "$AKT_ROOT/tests/lua/admin/support/start.sh"
start churn "$here/churn.lua" --crash-reports off --workers 3
for i in $(seq 25); do
  expect 0 ps --json
  expect 0 ps --sort memory --limit 3
  expect 0 tree
  expect 0 stats
  for command in inspect heap why; do
    "$AKTVM" $command branch$((i % 8 + 1)) > "$AKT_TEST_TMP/one" 2>&1 ||
      grep -Eq "noproc|busy" "$AKT_TEST_TMP/one" || fail "$(cat "$AKT_TEST_TMP/one")"
  done
done
expect 0 top --once --interval 0.1
expect 0 shutdown
