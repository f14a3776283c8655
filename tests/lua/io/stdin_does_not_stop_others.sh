# While one waits for stdin others run.
set -e
cat > "$AKT_TEST_TMP/a.lua" <<'L'
local akt = require "akt"
local K = akt.actor "k"
function K.on:tick() print("tick") end
akt.after_opt(0.01, "tick", { to = akt.spawn(K) })
print("got", io.read())
L
mkfifo "$AKT_TEST_TMP/in"
"$AKTVM" --workers 1 "$AKT_TEST_TMP/a.lua" < "$AKT_TEST_TMP/in" > "$AKT_TEST_TMP/out" &
exec 3> "$AKT_TEST_TMP/in"
until grep -q tick "$AKT_TEST_TMP/out"; do sleep 0.02; done
echo hello >&3
exec 3>&-
wait $!
[ "$(cat "$AKT_TEST_TMP/out")" = "tick
got	hello" ]
