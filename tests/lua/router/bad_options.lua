-- seeds: 5
-- Every mistake is an error at the call, which names the option.
local akt = require "akt"
local W = akt.actor "worker"
function W.on:work() end
local dead = akt.spawn(W)
local ref = akt.monitor(dead)
akt.kill(dead)
akt.receive { down = function() end }
local router = akt.router { strategy = "random", kind = W, size = 1 }
local function bad(spec)
  local _, err = akt.try(akt.router, spec)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
bad { strategi = "random", kind = W, size = 2 }
-- expect: bad_option	router has no option "strategi"; did you mean "strategy"?
bad { strategy = "randem", kind = W, size = 2 }
-- expect: bad_option	strategy must be one of "round_robin", "random", "smallest_mailbox", "consistent_hash", "broadcast", "scatter_gather", "tail_chopping", not "randem"
bad { kind = W, size = 2 }
-- expect: bad_option	router: a strategy must be given
bad { strategy = "random", size = 2 }
-- expect: bad_option	router: kind or routees must be given
bad { strategy = "random", kind = W }
-- expect: bad_option	router: size must be an integer from 1 to 65536, not nil
bad { strategy = "random", kind = W, size = 0 }
-- expect: bad_option	router: size must be an integer from 1 to 65536, not 0
bad { strategy = "random", kind = W, size = 1.5 }
-- expect: bad_option	router: size must be an integer from 1 to 65536, not 1.5
bad { strategy = "random", kind = function() end, size = 1 }
-- expect: bad_option	router: kind must be a kind, not a function
bad { strategy = "random", routees = {} }
-- expect: bad_option	router: routees must be a list of one pid or more
bad { strategy = "random", routees = { dead } }
-- expect: bad_option	router: routee 1 is not an actor that is alive
bad { strategy = "random", routees = { router } }
-- expect: bad_option	router: routee 1 is a router
bad { strategy = "random", routees = { akt.spawn(W) }, size = 3 }
-- expect: bad_option	router: either routees, or kind and size
bad { strategy = "consistent_hash", kind = W, size = 3 }
-- expect: bad_option	router: strategy "consistent_hash" needs key, a function (tag, ...) -> key
bad { strategy = "consistent_hash", kind = W, size = 3, key = "id" }
-- expect: bad_option	router: key must be a function, not string
bad { strategy = "random", kind = W, size = 3, key = function() end }
-- expect: bad_option	router: key belongs to strategy "consistent_hash"
bad { strategy = "random", kind = W, size = 3, within = 1 }
-- expect: bad_option	router: within belongs to strategy "scatter_gather", "tail_chopping" or "broadcast"
bad { strategy = "scatter_gather", kind = W, size = 3, interval = 1 }
-- expect: bad_option	router: interval belongs to strategy "tail_chopping"
bad { strategy = "tail_chopping", kind = W, size = 3, interval = 0 }
-- expect: bad_option	interval must be seconds over 0, or like "500ms" or "2m", not 0
bad { strategy = "random", kind = W, size = 3, routee = { name = "x" } }
-- expect: bad_option	router: routee has no option "name"; it has "restart", "shutdown", "on_error", "mailbox", "isolate", "memory"
bad { strategy = "random", kind = W, size = 3, routee = { restart = "never" } }
-- expect: bad_option	restart must be one of "temporary", "transient", "permanent", not "never"
bad { strategy = "random", kind = W, size = 3, supervise = { max = -1 } }
-- expect: bad_option	max must be a number, 0 or more, not -1
bad(7)
-- expect: bad_option	router: a table is expected, got number
local _, err = akt.try(router.resize, router, 0)
print(err.code)                                -- expect: bad_option
local given = akt.router { strategy = "random", routees = { akt.spawn(W) } }
_, err = akt.try(given.resize, given, 2)
print(err.code)                                -- expect: denied
local plain = akt.spawn(W)
_, err = akt.try(plain.resize, plain, 2)
print(err.code)                                -- expect: bad_argument
-- the messages by which the router is told are its own
print(akt.ask(router, "$resize", "x"))          -- expect: nil	bad_option	resize: the number must be an integer from 1 to 65536, not x
print(router:ask("work"))                       -- expect: 
