-- seeds: 5
local akt = require "akt"
local n = 0
local function try(reentrant)
  n = n + 1
  local K = akt.actor("k" .. n)
  K.reentrant = reentrant
  local _, err = akt.try(akt.spawn, K)
  print(err.code, (err.message:gsub("^[^ ]*: ", "")))
end
try("all")        -- expect: bad_option	reentrant must be true, false or a list of tags, not a string
try(1)            -- expect: bad_option	reentrant must be true, false or a list of tags, not a number
try {}            -- expect: bad_option	reentrant: the list names no tag; write true for all or false for none
try { 1 }         -- expect: bad_option	reentrant: a tag is a string of at most 1000 bytes, not a number
try { "x", mx = 1 }   -- expect: bad_option	reentrant has no option "mx"; it has "max" and a list of tags
try { "x", max = 0 }  -- expect: bad_option	reentrant: max is a number of handlers from 1 to 65536
local A = akt.actor "a"
function A.on:set(...) return select(2, akt.try(akt.reentrant, ...)).message end
local a = akt.spawn(A)
print((a:ask("set", true, { mx = 1 }):gsub("^[^ ]*: ", "")))  -- expect: reentrant has no option "mx"; did you mean "max"?
print((a:ask("set", {}):gsub("^[^ ]*: ", "")))  -- expect: reentrant: the list names no tag; write true for all or false for none
print(select(2, akt.try(akt.reentrant, true)).code)  -- expect: denied
