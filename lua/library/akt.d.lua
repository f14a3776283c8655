---@meta akt
-- SPDX-License-Identifier: MIT
--
-- Annotations of the module akt for lua-language-server. Not part of the
-- binary and never run. Point the editor at this folder, in .luarc.json:
--
--   { "runtime.version": "Lua 5.4",
--     "workspace.library": ["/path/to/aktvm/lua/library"] }

---@class akt
---@field args string[] the arguments of the program
---@field log akt.log
---@field metrics akt.metrics
local akt = {}

---------------------------------------------------------------------------
-- Types
---------------------------------------------------------------------------

---Identity of an actor; the same after a restart. Can be compared, be the key
---of a table, and be sent.
---@class akt.pid: lightuserdata
local pid = {}

---A pid, or a registered name.
---@alias akt.dest akt.pid|string

---@class akt.ref: lightuserdata a monitor

---@class akt.timer: akt.ref
local timer = {}

---@class akt.token: akt.ref a reply that is owed
local token = {}

---@class akt.future the answer to an akt.async
local future = {}

---@class akt.error
---@field code string
---@field message string
---@field pid? akt.pid who was addressed
---@field reason? any why; for `crash` a table { code, message, error }
---@field inherited? boolean of `timeout`: the deadline came with the request
---@field traceback? string from akt.try, for errors that were no tables

---@class akt.mailbox
---@field max? number messages, default 65536; math.huge: unbounded
---@field full? "wait"|"drop_new"|"drop_old"|"error" default "wait"

---@class akt.supervise
---@field strategy? "one_for_one"|"one_for_all"|"rest_for_one" default "one_for_one"
---@field max? integer restarts ... (default 5)
---@field within? number ... in this many seconds (default 10)
---@field backoff? number[] { first, longest } seconds, default { 0.1, 30 }
---@field exhausted? "escalate"|"stop"|"park" default "escalate"

---@class akt.passivate
---@field after? number|string so long without a message: seconds, or "2m"
---@field messages? integer or so many handled

---@class akt.init
---@field timeout? number|string of each try, default 5 s
---@field retries? integer of a first init that failed, default 0
---@field backoff? number[] { first, longest } seconds, default { 0.1, 5 }

---@class akt.health
---@field every? number|string default 5 s
---@field timeout? number|string default 1 s
---@field fails? integer so many in a row are a crash, default 3

---@alias akt.action "resume"|"restart"|"stop"|"escalate"|"suspend"
---@alias akt.restart_type "temporary"|"transient"|"permanent"

---A kind: a named description of actors.
---@class akt.kind
---@field on table<string, fun(self: table, ...: any): ...> handlers by tag
---@field init? fun(self: table, ...: any) before the first message, at each start
---@field terminate? fun(self: table, reason: any) at the end
---@field pre_restart? fun(self: table, reason: any, tag?: string, ...: any) on the old state
---@field post_restart? fun(self: table, reason: any) on the new state, after init
---@field unknown? fun(self: table, tag: string, ...: any): ... no handler has this tag
---@field down? fun(self: table, ref: akt.ref, pid: akt.pid, reason: any) a monitored actor ended
---@field restarted? fun(self: table, ref: akt.ref, pid: akt.pid, reason: any) one monitored with `restarts` was restarted
---@field exit? fun(self: table, pid: akt.pid, reason: any) a linked actor ended; traps exits
---@field upgrade? fun(self: table, from: any) hot reload: on a copy of the state, in the new code; an error keeps the old; may not wait
---@field version? number|string what `upgrade` of a later version gets
---@field mailbox? akt.mailbox
---@field supervise? akt.supervise
---@field idle? fun(self: table): ... about to be passivated: what it returns is kept
---@field wake? fun(self: table, ...: any) back, after init: gets what idle returned
---@field health? fun(self: table): "ok"|"degraded"|"failed"|nil, any how it is, and why
---@field passivate? akt.passivate|false
---@field log? akt.log_level of this kind, whatever the node's is
---@field [string] any

---@class akt.spawn_options
---@field name? string 1 to 255 bytes
---@field restart? akt.restart_type default "temporary"
---@field detached? boolean a child of /user
---@field shutdown? number|"kill" seconds a stop may take, default 5; math.huge: no limit
---@field on_error? table<string, akt.action> by code of the error; "*": any other
---@field supervise? akt.supervise
---@field mailbox? akt.mailbox
---@field passivate? akt.passivate|false in place of the kind's
---@field init? akt.init
---@field health? akt.health
---@field isolate? boolean a heap of its own
---@field memory? string|integer limit of that heap, like "32MB"; implies isolate
---@field link? boolean
---@field monitor? boolean

---A child: { "id", kind or function, args = { ... }, ... }. Its id is its name.
---@class akt.child
---@field [1] string
---@field [2] akt.kind|function
---@field args? any[]
---@field restart? akt.restart_type
---@field shutdown? number|"kill"
---@field on_error? table<string, akt.action>
---@field mailbox? akt.mailbox
---@field isolate? boolean
---@field memory? string|integer
---@field supervise? akt.supervise
---@field passivate? akt.passivate|false
---@field init? akt.init
---@field health? akt.health

---@class akt.supervisor_spec: akt.supervise
---@field [integer] akt.child
---@field name? string
---@field restart? akt.restart_type
---@field shutdown? number|"kill"
---@field detached? boolean

---@class akt.info
---@field kind string
---@field id integer the number in <kind#number>
---@field pid akt.pid
---@field name? string
---@field path string
---@field parent? akt.pid
---@field state? "idle"|"running"|"waiting"|"starting"|"down"|"restarting"|"stopping"|"finished"|"passivated"|"suspended"
---@field kept? integer passivated: bytes of what idle returned
---@field health? "unknown"|"ok"|"degraded"|"failed"
---@field health_reason? any
---@field mailbox integer messages waiting
---@field processed? integer
---@field restarts? integer
---@field uptime? number seconds
---@field memory? integer bytes, its share of its heap
---@field isolate? integer

---@class akt.stats
---@field actors integer
---@field isolates integer
---@field workers integer
---@field turns integer
---@field visits integer
---@field steals integer
---@field collections integer garbage collections of heaps that have ended
---@field sleeps integer
---@field preempts integer
---@field sent integer
---@field replies integer
---@field crashes integer
---@field restarts integer
---@field spawned integer
---@field ended integer
---@field expired integer
---@field passivated integer
---@field woken integer
---@field away integer passivated now
---@field memory integer bytes
---@field uptime number seconds
---@field dead_letters table<string, integer> by reason

---What akt.when makes, for the list part of akt.receive's handlers.
---@class akt.guard

---@alias akt.handlers { [string]: (fun(...: any): ...)|akt.guard, [integer]: akt.guard }

---------------------------------------------------------------------------
-- Kinds and actors
---------------------------------------------------------------------------

---A new kind. Its name has 1 to 64 bytes and is unique in the node, else it
---raises `kind_exists`.
---@param name string
---@return akt.kind
function akt.actor(name) end

---Starts an actor of a kind, and returns when its init has returned; or a
---process, whose life is the function. The arguments are data and are copied.
---Raises `init_failed`, `limit`, `denied`, `bad_kind`, `bad_function`.
---@param what akt.kind|function
---@param ... any
---@return akt.pid
function akt.spawn(what, ...) end

---The same with options. With `monitor` the reference is returned too.
---Raises `bad_option` and `name_taken` besides.
---@param options akt.spawn_options
---@param what akt.kind|function
---@param ... any
---@return akt.pid pid
---@return akt.ref? ref
function akt.spawn_opt(options, what, ...) end

---@param what akt.kind|function
---@param ... any
---@return akt.pid
function akt.spawn_link(what, ...) end

---@param what akt.kind|function
---@param ... any
---@return akt.pid pid
---@return akt.ref ref
function akt.spawn_monitor(what, ...) end

---@return akt.pid
function akt.self() end

---Who sent the message being handled; nil for timers and in init.
---@return akt.pid?
function akt.sender() end

---@return akt.pid?
function akt.parent() end

---Whether it has not ended for good.
---@param dest akt.dest
---@return boolean
function akt.alive(dest) end

---Facts about an actor, or nil when it is dead.
---@param dest? akt.dest this actor if left out
---@return akt.info?
function akt.info(dest) end

---Gives the calling actor a name. Raises `name_taken`; `denied` for another pid.
---@param name string
---@param self? akt.pid
function akt.register(name, self) end

---@return boolean had whether there was a name
function akt.unregister() end

---@param name string
---@return akt.pid?
function akt.whereis(name) end

---From the next message on, `handlers` take the place of Kind.on. With
---`{ stack = true }` akt.unbecome goes back to what was before.
---@param handlers table<string, fun(self: table, ...: any): ...>
---@param opts? { stack?: boolean }
function akt.become(handlers, opts) end

---Back one step, at the end to Kind.on.
function akt.unbecome() end

---------------------------------------------------------------------------
-- Messages
---------------------------------------------------------------------------

---Sends and does not wait, but for room in a full mailbox (5 s, then raises
---`overloaded`). Raises `bad_message` and `too_large`.
---@param dest akt.dest
---@param tag string
---@param ... any
---@return true? sent
---@return string? reason "noproc" or "overloaded"
function akt.send(dest, tag, ...) end

---Sends and waits for what the handler returns, at most 5 s if no deadline is
---in force. Raises `timeout`, `noproc`, `crash`, `unknown_message`,
---`deadlock`, `overloaded`, `cannot_wait`.
---@param dest akt.dest
---@param tag string
---@param ... any
---@return any ...
function akt.ask(dest, tag, ...) end

---Asks without waiting.
---@param dest akt.dest
---@param tag string
---@param ... any
---@return akt.future
function akt.async(dest, tag, ...) end

---The first value of each future, in the order given.
---@param ... akt.future
---@return any ...
function akt.all(...) end

---All values of the future that is done first.
---@param ... akt.future
---@return any ...
function akt.first(...) end

---Runs f(...) under a deadline that every wait inside inherits, in actors that
---are asked too.
---@param seconds number
---@param f fun(...: any): ...
---@param ... any
---@return any ...
function akt.within(seconds, f, ...) end

---Runs f(...); an error becomes nil, err.
---@param f fun(...: any): ...
---@param ... any
---@return any, akt.error?
function akt.try(f, ...) end

---Answers now; what the handler returns does not count then.
---@param ... any
---@return boolean asked
function akt.reply(...) end

---Puts the answer off: token:reply(...).
---@return akt.token
function akt.defer() end

---Hands the message being handled on, with its sender and asker.
---@param dest akt.dest
---@return true? sent
---@return string? reason
function akt.forward(dest) end

---Takes the first message that a handler matches; its results are the answer
---and what receive returns. Without handlers: the next message's values, tag
---first. Raises `timeout` after `seconds`.
---@param handlers? akt.handlers
---@param seconds? number
---@return any ...
---@overload fun(seconds: number): ...
function akt.receive(handlers, seconds) end

---@param tag string
---@param test fun(...: any): boolean must not wait
---@param fn fun(...: any): ...
---@return akt.guard
function akt.when(tag, test, fn) end

---Lays the message being handled aside, with its asker.
function akt.stash() end

---The oldest stashed message goes back in front of the mailbox.
---@return integer how_many
function akt.unstash() end

---All of them, in order.
---@return integer how_many
function akt.unstash_all() end

---------------------------------------------------------------------------
-- Ends, links, supervision
---------------------------------------------------------------------------

---Ends an actor in order; returns at once.
---@param dest? akt.dest this actor if left out
---@param reason? any default "normal"
function akt.stop(dest, reason) end

---Ends it at once: no terminate, no __close.
---@param dest akt.dest
function akt.kill(dest) end

---Restarts it by hand, also a parked one. Temporary actors are left as they are.
---@param dest akt.dest
---@return boolean there
function akt.restart(dest) end

---Its end comes as Kind:down or the message `down`.
---@param dest akt.dest
---@param opts? { restarts: boolean } also tell restarts
---@return akt.ref
function akt.monitor(dest, opts) end

---Also removes a `down` that is queued.
---@param ref akt.ref
---@return boolean found
function akt.demonitor(ref) end

---Raises `noproc` for a dead actor.
---@param dest akt.dest
function akt.link(dest) end

---@param dest akt.dest
function akt.unlink(dest) end

---For processes: linked ends come as the message `exit`.
---@param on boolean
---@return boolean before
function akt.trap_exit(on) end

---Starts a supervisor and its children, in order.
---@param spec akt.supervisor_spec
---@return akt.pid
function akt.supervisor(spec) end

---@param sup akt.dest
---@param child akt.child
---@return akt.pid
function akt.start_child(sup, child) end

---@param sup akt.dest
---@param id string|akt.pid
---@return boolean found
function akt.stop_child(sup, id) end

---Oldest first.
---@param sup? akt.dest this actor if left out
---@return akt.pid[]
function akt.children(sup) end

---------------------------------------------------------------------------
-- Time
---------------------------------------------------------------------------

---@param seconds number
function akt.sleep(seconds) end

---Sends (tag, ...) to this actor once.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.after(seconds, tag, ...) end

---The same at a fixed rate; missed ticks merge.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.every(seconds, tag, ...) end

---Like akt.after, with { to = dest } as the last argument.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.after_opt(seconds, tag, ...) end

---Like akt.every, with { to = dest } as the last argument.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.every_opt(seconds, tag, ...) end

---Wall clock: seconds since 1970.
---@return number
function akt.now() end

---Monotonic clock in seconds.
---@return number
function akt.clock() end

---------------------------------------------------------------------------
-- Program and node
---------------------------------------------------------------------------

---Ends the program in order; never returns. The first call decides the code.
---@param code? integer|boolean 0 to 255, default 0
function akt.exit(code) end

---@class akt.reload_version
---@field number integer
---@field version? string Kind.version
---@field hash string

---@class akt.reload_kind
---@field kind string
---@field from? akt.reload_version nil: a new kind
---@field to akt.reload_version
---@field file string
---@field actors integer
---@field switched integer they run the new version
---@field waiting integer a handler of theirs has not ended yet
---@field refused integer their upgrade failed
---@field notes string[]

---@class akt.reload_report
---@field kinds akt.reload_kind[]
---@field modules string[]
---@field notes string[]
---@field dry_run boolean
---@field ms number

---Reads the program's files again; what has changed takes the place of what
---runs, between two messages of each actor. Waits at most 5 s for the actors.
---nil and `bad_script`, `not_found`, `no_file`, `no_version` or `busy` when
---nothing could be changed.
---@param what? akt.kind|string a kind, its name, or a file; nil: all
---@param opts? { dry_run?: boolean, rollback?: boolean }
---@return akt.reload_report?
---@return akt.error?
function akt.reload(what, opts) end

---Runs `fn` at the end of the program, in this actor, after its terminate; the
---last one registered first.
---@param fn fun()
---@param options? { on_error?: "skip"|"fail"|"retry", tries?: integer, pause?: number|string, priority?: number }
function akt.on_shutdown(fn, options) end

---Passivates this actor as soon as its mailbox is empty; "pause" and "resume"
---stop its clock and start it.
---@param word? "now"|"pause"|"resume"
---@return boolean ok
---@return string? why_not
function akt.passivate(word) end

---When there are more actors or bytes than that, those that may be passivated
---leave. false ends it.
---@param options { max_actors?: integer, max_bytes?: integer|string, policy?: "lru"|"lfu"|"mru", share?: number, every?: number|string }|false
function akt.evict(options) end

---A child for akt.supervisor and akt.start_child, built call by call.
---@class akt.child_builder
---@field args fun(self, ...: any): akt.child_builder of several: a function of the number
---@field restart fun(self, type: akt.restart_type): akt.child_builder
---@field shutdown fun(self, seconds: number|"kill"): akt.child_builder
---@field on_error fun(self, actions: table<string, akt.action>): akt.child_builder
---@field mailbox fun(self, mailbox: akt.mailbox): akt.child_builder
---@field isolate fun(self, on?: boolean): akt.child_builder
---@field memory fun(self, size: string|integer): akt.child_builder
---@field supervise fun(self, supervise: akt.supervise): akt.child_builder
---@field passivate fun(self, passivate: akt.passivate|false): akt.child_builder
---@field init fun(self, init: akt.init): akt.child_builder
---@field health fun(self, health: akt.health): akt.child_builder

---@param id string its registered name
---@param code akt.kind|function
---@return akt.child_builder
function akt.child(id, code) end

---n children with the ids id1, id2, ...
---@param n integer
---@param id string
---@param code akt.kind|function
---@return akt.child_builder
function akt.children_of(n, id, code) end

---Lets a suspended or parked actor go on.
---@param dest akt.dest
---@return boolean found
function akt.reinstate(dest) end

---Runs a copy of fn(...) on a pool of threads and waits for its results.
---@param fn fun(...: any): ...
---@param ... any
---@return any ...
function akt.blocking(fn, ...) end

---@return { name: string, workers: integer, simulated: boolean, seed: integer }
function akt.node() end

---@return akt.stats
function akt.stats() end

---A value that prints as <secret> wherever it comes, and travels as one.
---@class akt.secret
local secret = {}

---The value inside.
---@return any
function secret:reveal() end

---Wraps a value; a secret stays as it is.
---@param v any
---@return akt.secret
function akt.secret(v) end

---@alias akt.log_level "debug"|"info"|"warn"|"error"

---Lines go to stderr. An entry is a text, or { "text", key = value }.
---@class akt.log
---@field debug fun(entry: any)
---@field info fun(entry: any)
---@field warn fun(entry: any)
---@field error fun(entry: any)
---@field level fun(level?: akt.log_level|false, kind?: table|string): akt.log_level? what it was; sets it if given; false: the kind goes by the node's

---Figures, kept by the node under name and labels.
---@class akt.metrics
---@field counter fun(name: string, labels?: table<string, string|number|boolean>): akt.counter
---@field gauge fun(name: string, labels?: table<string, string|number|boolean>): akt.gauge
---@field histogram fun(name: string, labels?: table<string, string|number|boolean>): akt.histogram
---@field text fun(): string all figures of the node, as Prometheus reads them

---@class akt.counter
local counter = {}

---@param n? number not negative, default 1
function counter:add(n) end

---@class akt.gauge
local gauge = {}

---@param value number
function gauge:set(value) end

---@param by? number default 1
function gauge:add(by) end

---@class akt.histogram
local histogram = {}

---@param value number
function histogram:observe(value) end

---------------------------------------------------------------------------
-- Methods
---------------------------------------------------------------------------

---@param tag string
---@param ... any
---@return true? sent
---@return string? reason
function pid:send(tag, ...) end

---@param tag string
---@param ... any
---@return any ...
function pid:ask(tag, ...) end

---@param tag string
---@param ... any
---@return akt.future
function pid:async(tag, ...) end

---@param reason? any
function pid:stop(reason) end

function pid:kill() end

---@return boolean
function pid:alive() end

---Answers; true the first time.
---@param ... any
---@return boolean owed
function token:reply(...) end

---@return boolean running whether it was still running
function timer:cancel() end

---The answer's values; raises as akt.ask does.
---@return any ...
function future:wait() end

---Whether wait would not have to wait.
---@return boolean
function future:done() end

return akt
