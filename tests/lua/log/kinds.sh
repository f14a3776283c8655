# A level per kind, at its definition and at run time, beside the node's.
set -e
tmp=$AKT_TEST_TMP
cat > "$tmp/a.lua" <<'L'
local akt = require "akt"
local Loud = akt.actor "loud"
Loud.log = "debug"
function Loud.on:say(s) akt.log.debug(s) end
local Quiet = akt.actor "quiet"
Quiet.log = "error"
function Quiet.on:say(s) akt.log.warn(s) end
local loud, quiet = akt.spawn(Loud), akt.spawn(Quiet)
loud:ask("say", "one")
quiet:ask("say", "no")
akt.log.debug("no")
print(akt.log.level("error", "loud"), akt.log.level("warn", Quiet))
loud:ask("say", "no")
quiet:ask("say", "two")
print(akt.log.level(false, Quiet), akt.log.level(nil, Quiet))
print(akt.log.level("error"), akt.log.level())
quiet:ask("say", "no")
print(akt.try(akt.log.level, "loudest"))
print(akt.try(akt.log.level, "warn", "nobody"))
local Bad = akt.actor "bad"
Bad.log = 7
print(akt.try(akt.spawn, Bad))
L
out=$("$AKTVM" "$tmp/a.lua" 2>"$tmp/err")
[ "$(echo "$out" | sed 's/[^ ]*a.lua:[0-9]*: //')" = 'debug	error
warn	nil
info	error
nil	bad_option: a log level is "debug", "info", "warn" or "error"
nil	not_found: there is no kind "nobody"
nil	bad_option: a log level is "debug", "info", "warn" or "error"' ] ||
    { echo "$out"; exit 1; }
[ "$(sed 's/.* //' "$tmp/err" | tr '\n' ' ')" = "one two " ]
