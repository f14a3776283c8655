-- stdin: abcdef
print(io.read(2), io.read(0), io.read(3))   -- expect: ab		cde
print(io.read(100))                          -- expect: f
-- expect: 
print(io.read(1))                            -- expect: nil
