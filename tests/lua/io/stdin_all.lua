-- stdin: one
-- stdin: two
local text = io.read("a")
print(#text, io.read("a"), io.read("l"), io.read(0)) -- expect: 8		nil	nil
