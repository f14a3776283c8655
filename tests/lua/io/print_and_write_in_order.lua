io.write("a")
print("b")            -- expect: ab
io.write("c", 1, 2.5, "\n")  -- expect: c12.5
io.stdout:write("d\n")       -- expect: d
io.write("no newline")       -- expect: no newline
