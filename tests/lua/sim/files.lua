-- flags: --sim
-- seeds: 5
-- Files that are written are the world's own; those of the machine are read.
local akt = require "akt"
local here = "tests/lua/sim/files.lua"

local f = assert(io.open(here))
print(f:read())                                 -- expect: -- flags: --sim
f:close()
print(io.type(f), tostring(f))       -- expect: closed file	file (closed)

f = assert(io.open(here, "w"))                  -- not on the disk
f:write("a\n", 1, "\nb")
f:close()
for line in io.lines(here) do io.write(line, " ") end
print()                                         -- expect: a 1 b 

-- another actor sees the same files
akt.spawn_monitor(function(name)
  local g = io.open(name, "r+")
  print(g:read("l", "n", "L", "a"))             -- expect: a	1	
  -- expect: 	b
  g:seek("set", 0)
  g:write("A")
  g:close()
  os.rename(name, name .. ".2")
end, here)
akt.receive{ down = function() end }

print(io.open(here))                 -- expect: nil	tests/lua/sim/files.lua: No such file or directory	2
print(io.open(here .. ".2"):read("a"))          -- expect: A
                                                -- expect: 1
                                                -- expect: b
print(os.remove(here .. ".2"), os.remove(here .. ".2"))
-- expect: true	nil	tests/lua/sim/files.lua.2: No such file or directory	2
print(io.open("/no/such/folder/x", "w"))        -- expect: nil	/no/such/folder/x: No such file or directory	2
print(io.open("tests", "w"))                    -- expect: nil	tests: Is a directory	21
print(pcall(io.open, here, "x"))                -- expect: false	bad argument #2 to '?' (invalid mode)

local name = os.tmpname()
io.output(name):write("return 6 * 7"):close()
io.output(io.stdout)
print(dofile(name), loadfile(name)())           -- expect: 42	42
local t = io.tmpfile()
t:write("x")
t:seek("set")
print(t:read("a"))                              -- expect: x
print(pcall(io.lines, "/no/such"))              -- expect: false	/no/such: No such file or directory

-- bad use does not hurt
local big = io.open(name, "w")
big:setvbuf("no")
print(big:seek("set", 1 << 40))                 -- expect: 1099511627776
print(big:write("!"))                           -- expect: nil	No space left on device	28
