-- stdin:  1 -2.5 0x10 1e3 x 7 .5
print(io.read("n", "n", "n", "n", "n")) -- expect: 1	-2.5	16	1000.0	nil
print(io.read(1), io.read("n", "n"))    -- expect: x	7	0.5
