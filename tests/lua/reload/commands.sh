# reload, status and drift from outside.
. tests/lua/admin/support/start.sh
here=$AKT_TEST_TMP
cat > "$here/main.lua" <<'END'
local akt = require "akt"
local K = akt.actor "k"
K.version = "a"
function K:init() akt.every(60, "tick") end
function K.on:tick() end
for i = 1, 3 do akt.spawn(K) end
print("ready") io.flush()
END
start n "$here/main.lua"
expect 0 status
has "node n" "k     1 (a)" "main.lua:2"
expect 0 drift
sed -i 's/"a"/"b"/' "$here/main.lua"
expect 1 drift
has "differs from the file"
expect 0 reload --dry-run
has "1 (a)" "2 (b)" "dry run"
expect 1 drift
expect 0 reload "$here/main.lua"
has "1 (a)" "2 (b)" "done in"
expect 0 drift
expect 0 reload
has "nothing has changed"
expect 0 reload k --rollback --json
has '"switched":3' '"number":3'
expect 1 reload nokind
expect 2 reload a b
sed -i 's/"b"/)/' "$here/main.lua"
expect 1 reload
grep -q "bad_script: .*main.lua:3" "$here/err" || fail "$(cat "$here/err")"
expect 0 status --json
has '"drift":true' '"older":0'
