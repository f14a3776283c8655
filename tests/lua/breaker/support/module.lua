return { breaker = require "akt".breaker { name = "of a module", calls = 3 } }
