return require "support.loop_b"
