-- flags: --sim
-- seeds: 5
-- A task has no sender, no asker and no messages; a token answers from there.
local akt = require "akt"
local A = akt.actor "a"
function A.on:go()
  return akt.task(function()
    return akt.sender(), akt.reply(1), select(2, akt.try(akt.receive, 0)).code,
           select(2, akt.try(akt.stash)).code
  end):wait()
end
function A.on:token()
  local token = akt.defer()
  akt.task(function() akt.sleep(0.001) token:reply("by a task") end)
end
local a = akt.spawn(A)
print(a:ask("go"))                       -- expect: nil	false	denied	no_message
print(a:ask("token"))                    -- expect: by a task
