# A contract belongs to a version of its kind: a reload brings it, changes it,
# and takes it away, for actors that run.
set -e
cd "$AKT_TEST_TMP"
write() { cat > app.lua <<END
local akt = require "akt"
local K = akt.actor "k"
$1
function K.on:put(x) return type(x) end
local k = akt.spawn(K)
local function try(x)
  local r, err = akt.try(akt.ask, k, "put", x)
  print(r or err.code)
end
while true do
  local line = io.read()
  if not line then break end
  if line == "reload" then
    local r, err = akt.reload()
    assert(r, err and err.message)
  end
  try(1) try("x")
end
END
}
write ''
mkfifo in
"$AKTVM" app.lua < in > out &
pid=$!
exec 3> in
next() { # lines of output that are awaited
  for i in $(seq 500); do [ $(wc -l < out) -ge $1 ] && return; sleep 0.02; done
  echo "no output"; cat out; exit 1
}
echo one >&3; next 2
write 'K.accepts = { put = { "integer" } }'
echo reload >&3; next 4
write 'K.accepts = { put = { "string" } }'
echo reload >&3; next 6
write ''
echo reload >&3; next 8
exec 3>&-
wait $pid
[ "$(tr '\n' ' ' < out)" = "number string number bad_contract bad_contract string number string " ] ||
  { cat out; exit 1; }
