# collect FOLDER MODE: starts a collector; sets $url and $collector.
collect() {
    mkdir -p "$1"
    python3 "$AKT_ROOT/tests/lua/metrics/support/collector.py" "$1" "$2" &
    collector=$!
    until [ -s "$1/port" ]; do
        kill -0 $collector || exit 1
        sleep 0.02
    done
    export no_proxy=127.0.0.1
    url=http://127.0.0.1:$(cat "$1/port")
}

# A program that ends when the collector in FOLDER has had two good posts.
two_posts() {
    cat <<L
local akt = require "akt"
akt.metrics.counter("orders", { shop = "a" }):add(2)
akt.metrics.gauge("depth"):set(-1.5)
akt.metrics.histogram("size"):observe(3)
local function good()
  local f = io.open("$1/good")
  local n = f and f:read("n") or 0
  if f then f:close() end
  return n
end
while good() < 2 do akt.sleep(0.02) end
akt.metrics.counter("orders", { shop = "a" }):add(5)
L
}
