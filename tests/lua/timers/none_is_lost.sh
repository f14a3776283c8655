# A timer that fires once is never silently left out, whatever goes on in the
# node (GoAkt's ScheduleOnce, issue 1037).
set -e
cat > "$AKT_TEST_TMP/many.lua" <<'LUA'
local akt = require "akt"
local A = akt.actor "a"
function A:init() self.n = 0 end
function A.on:tick(t) self.n = self.n + 1; if t % 7 == 0 then akt.sleep(0.001) end end
function A.on:count() return self.n end
local actors, N = {}, 2000
for i = 1, 20 do actors[i] = akt.spawn_opt({ isolate = i % 5 == 0 }, A) end
for i = 1, N do
  akt.after_opt(math.random() * 0.1, "tick", i, { to = actors[i % 20 + 1] })
end
akt.sleep(0.3)
local n, ends = 0, akt.clock() + 20
repeat
  n = 0
  for _, a in ipairs(actors) do n = n + a:ask("count") end
until n == N or akt.clock() > ends
print(n)
LUA
for seed in $(seq 1 ${SEEDS:-10}); do
  [ "$("$AKTVM" --sim --seed $seed "$AKT_TEST_TMP/many.lua")" = 2000 ] || { echo "seed $seed"; exit 1; }
done
[ "$("$AKTVM" --workers 2 "$AKT_TEST_TMP/many.lua")" = 2000 ]
