# A read of stdin that blocks does not stop os.execute, io.popen or the end.
set -e
cd "$AKT_TEST_TMP"
cat > a.lua <<'L'
local akt = require "akt"
akt.spawn(function() io.read() end)
akt.sleep(0.05)
print(os.execute("exit 3"))
local p = io.popen("echo hello")
print(p:read())
akt.exit(0)
L
mkfifo in
timeout 20 "$AKTVM" --workers 1 a.lua < in > out &
exec 3> in
wait $!
[ "$(cat out)" = "nil	exit	3
hello" ]
