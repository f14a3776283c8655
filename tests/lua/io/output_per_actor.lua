-- io.output and io.input belong to the actor.
local akt = require "akt"
local name = os.tmpname()
local K = akt.actor "k"
function K.on:go(name)
  io.output(name)
  io.write("to the file")
  io.close()
end
akt.spawn(K):ask("go", name)
io.write("to stdout\n")        -- expect: to stdout
io.input(name)
print(io.read())               -- expect: to the file
print(io.output() == io.stdout) -- expect: true
os.remove(name)
