# skip-tsan: of one thread
# A message that comes between a receive's look into the mailbox and its wait
# is not slept through. With many seeds the actor is preempted just there.
cat >"$AKT_TEST_TMP/receive.lua" <<'END'
local akt = require "akt"
local main = akt.self()
for i = 1, 300 do
  akt.spawn(function() main:send("hello", i) end)
  akt.receive{ hello = function() end }
end
END
for seed in $(seq 1 20); do
  "$AKTVM" --sim --seed $seed "$AKT_TEST_TMP/receive.lua" ||
    { echo "seed $seed"; exit 1; }
done
