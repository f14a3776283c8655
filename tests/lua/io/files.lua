-- Files are Lua's own.
local name = os.tmpname()
local f = assert(io.open(name, "w"))
print(f:write("one\n", 2, "\n3.5 x\n") == f)  -- expect: true
f:close()
for line in io.lines(name) do io.write("[", line, "]") end print()  -- expect: [one][2][3.5 x]
f = io.open(name)
print(f:read("l", "n", "n"))            -- expect: one	2	3.5
print(f:seek("set", 1), f:read(2), f:read("a"):len()) -- expect: 1	ne	9
print(f:close(), pcall(f.read, f))      -- expect: true	false	attempt to use a closed file
print(io.open("/no/such/file"))         -- expect: nil	/no/such/file: No such file or directory	2
print(select(2, pcall(io.lines, "/no/such/file")):match("/no/such/file")) -- expect: /no/such/file
print(os.remove(name), io.open(name) == nil) -- expect: true	true
