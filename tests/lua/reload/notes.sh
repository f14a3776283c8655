# The report says what will happen where handlers and callbacks come or go.
. tests/lua/reload/support/lib.sh
file main.lua <<'END'
local akt = require "akt"
local change, show = require "change", require "show"
local A, B = require "a", require "b"
local a, b = akt.spawn(A), akt.spawn(B)
change("a", 2)
change("b", 2)
show(akt.reload(nil, { dry_run = true }))
show(akt.reload())
a:send("old") -- a dead letter
print(select(2, akt.try(akt.ask, a, "old")).code)
print(b:ask("old"))
END
file a.lua <<'END'
local akt = require "akt"
local A = akt.actor "a"
function A:init() end
function A:exit() end
function A.on:old() end
return A
END
file a.2.lua <<'END'
local akt = require "akt"
local A = akt.actor "a"
A.mailbox = { max = 5 }
function A:terminate() end
function A.on:new() end
return A
END
file b.lua <<'END'
local akt = require "akt"
local B = akt.actor "b"
function B.on:old() end
return B
END
file b.2.lua <<'END'
local akt = require "akt"
local B = akt.actor "b"
B.supervise = { max = 1 }
function B:init() end
function B:unknown(tag) return "unknown " .. tag end
return B
END
notes='  on:old is gone: messages with this tag, also those that wait, become dead letters, and who asks gets unknown_message
  on:new is new
  init is gone: actors that start or restart begin with an empty state
  terminate is new
  exit is gone: links that end with an error now end these actors
  the mailbox policy changes, but not for actors that were spawned with their own'
b_notes='  on:old is gone: messages with this tag, also those that wait, go to unknown
  init is new: running actors keep their state, init runs when they restart
  the supervision of children changes'
run <<END
a	1 to 2	1	0	0	0
$notes
b	1 to 2	1	0	0	0
$b_notes
module b
module a
a	1 to 2	1	1	0	0
$notes
b	1 to 2	1	1	0	0
$b_notes
module b
module a
unknown_message
unknown old
END
