# `run --watch` reloads when a file changes, also after a mistake in it.
. tests/lua/reload/support/lib.sh
file main.lua <<'END'
local akt = require "akt"
local K = akt.actor "k"
function K.on:get() return 1 end
local k = akt.spawn(K)
local last = 0
while last ~= 3 do
  local n = k:ask("get")
  if n ~= last then
    last = n
    print(n)
    io.flush()
  end
  akt.sleep(0.01)
end
END
"$AKTVM" run --watch "$here/main.lua" > "$here/out" 2> "$here/err" &
pid=$!
trap 'kill $pid 2>/dev/null || true' EXIT
await() { # TEXT FILE
  until grep -q "$1" "$2"; do
    kill -0 $pid || { cat "$here/err" "$here/out"; exit 1; }
    sleep 0.02
  done
}
await '^1$' "$here/out"
sed 's/return 1/return/; s/^local K.*/local K = (/' "$here/main.lua" > "$here/bad.lua"
cp "$here/main.lua" "$here/good.lua"
mv "$here/bad.lua" "$here/main.lua"
await "reload: nothing was changed: .*main.lua" "$here/err"
sed 's/return 1/return 3/' "$here/good.lua" > "$here/next.lua"
mv "$here/next.lua" "$here/main.lua"
await '^3$' "$here/out"
wait $pid
grep -q 'reload: kind k is version 2 now: 1 actors, 0 waiting, 0 refused' "$here/err"
