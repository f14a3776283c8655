-- Pipes: reads wait as an ask does; close tells how the process ended.
local p = io.popen("echo one; echo two; printf three")
print(p:read())                    -- expect: one
print(p:read("a"))                 -- expect: two
-- expect: three
print(p:read())                    -- expect: nil
print(p:close())                   -- expect: true	exit	0
print(io.popen("exit 3"):close())  -- expect: nil	exit	3
print(io.popen("kill -9 $$"):close()) -- expect: nil	signal	9
for line in io.popen("seq 3"):lines() do io.write(line, " ") end print() -- expect: 1 2 3 
local w = io.popen("cat", "w")
w:write("to cat\n")                -- expect: to cat
print(w:close())                   -- expect: true	exit	0
print(pcall(p.read, p))            -- expect: false	attempt to use a closed file
print(io.type(p), tostring(p))     -- expect: closed file	file (closed)
