local akt = require "akt"
akt.send("nobody", "x")
