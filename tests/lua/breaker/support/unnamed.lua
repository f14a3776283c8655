return { breaker = require "akt".breaker() }
