# What is wrong with a kind that is never spawned is said with its line.
set -e
cat >"$AKT_TEST_TMP/k.lua" <<'END'
local akt = require "akt"
local K = akt.actor "k"
K.mailbox = { full = "wiat" }
function K.on:x() end
END
cd "$AKT_TEST_TMP"
out=$("$AKTVM" check k.lua 2>&1) && exit 1
case $out in
*'k.lua:2: kind "k": full must be one of'*) ;;
*) echo "$out"; exit 1 ;;
esac
