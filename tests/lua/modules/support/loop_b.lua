return require "support.loop_a"
