-- stdin: one
-- stdin: two
-- stdin:
-- stdin: 4 5
-- stdin: rest
-- stdin: of it
print(io.read())             -- expect: one
print(io.read("L"))          -- expect: two
-- expect: 
print(io.read("l"))          -- expect: 
print(io.read("n"))          -- expect: 4
print(io.read("n", "l"))     -- expect: 5	
for line in io.lines() do print("[" .. line .. "]") end
-- expect: [rest]
-- expect: [of it]
print(io.read(), io.read("a"), io.read("a"), io.read("n")) -- expect: nil			nil
