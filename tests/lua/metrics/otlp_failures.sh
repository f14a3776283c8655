# A collector that fails is told of once, and once when it is back; one that
# hangs or is not there holds up nothing.
set -e
. "$AKT_ROOT/tests/lua/metrics/support/collect.sh"
tmp=$AKT_TEST_TMP
collect "$tmp/bad" 3
two_posts "$tmp/bad" > "$tmp/a.lua"
export AKTVM_OTLP_INTERVAL=0.1
AKTVM_OTLP_ENDPOINT=$url "$AKTVM" "$tmp/a.lua" 2>"$tmp/err"
kill $collector
[ "$(grep -c 'metrics cannot be sent.*HTTP status 500' "$tmp/err")" = 1 ]
[ "$(grep -c 'metrics are sent again' "$tmp/err")" = 1 ]
[ "$(wc -l <"$tmp/err")" = 2 ]

collect "$tmp/hang" hang
"$AKTVM" --otlp "$url" -e 'print(1)' >"$tmp/out" 2>"$tmp/err"
kill $collector
[ "$(cat "$tmp/out")" = 1 ]
[ "$(grep -c 'metrics cannot be sent' "$tmp/err")" = 1 ]

# nobody listens there any more
"$AKTVM" --otlp "$url" -e 'print(2)' >"$tmp/out" 2>"$tmp/err"
[ "$(cat "$tmp/out")" = 2 ]
[ "$(grep -c 'metrics cannot be sent' "$tmp/err")" = 1 ]

code=0
"$AKTVM" --otlp ftp://x -e 'print(3)' 2>"$tmp/err" || code=$?
[ $code = 2 ]
