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
---@field events akt.events
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

---@class akt.future the answer to an akt.async, or what an akt.task returns
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
---@field priority? table<string, integer>|fun(tag: string, ...: any): integer? higher first, -128 to 127, default 0
---@field fair? boolean by turns among senders; not with priority
---@field ttl? number|string older messages are dropped unhandled: seconds, "500ms", "2m"
---@field signal? integer so many messages are an overload, default: the bound

---@alias akt.class "high"|"normal"|"low"|"deadline"

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

---"integer", "string?", "pid|nil", "integer[]", "number...", or a table of
---fields: { name = "string" }.
---@alias akt.type string|table<string, akt.type>

---@class akt.accepts
---@field [integer] akt.type of the arguments
---@field returns? akt.type|akt.type[] of the answer

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
---@field overloaded? fun(self: table, queued: integer) its mailbox holds too much
---@field recovered? fun(self: table, queued: integer) it holds less than three quarters of that
---@field mailbox? akt.mailbox
---@field priority? akt.class|function which ready actors go first, default "normal"; a function is a method
---@field supervise? akt.supervise
---@field reentrant? boolean|akt.reentrant_list what may be handled while a handler waits; default false
---@field accepts? table<string, akt.accepts> what messages look like, by tag; checked at the send
---@field idle? fun(self: table): ... about to be passivated: what it returns is kept
---@field wake? fun(self: table, ...: any) back, after init: gets what idle returned
---@field health? fun(self: table): "ok"|"degraded"|"failed"|nil, any how it is, and why
---@field passivate? akt.passivate|false
---@field log? akt.log_level of this kind, whatever the node's is
---@field [string] any

---Tags that may be handled beside a handler that waits (none: all), and how
---many handlers may be in progress.
---@class akt.reentrant_list
---@field [integer] string
---@field max? integer 1 to 65536, default 1000

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
---@field use? table<string, any> what akt.use finds, in its children too
---@field cpu? string share of one core, "1%" to "100%"; implies isolate
---@field priority? akt.class instead of the kind's
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
---@field use? table<string, any> data
---@field supervise? akt.supervise
---@field passivate? akt.passivate|false
---@field init? akt.init
---@field health? akt.health
---@field cpu? string
---@field priority? akt.class

---@class akt.supervisor_spec: akt.supervise
---@field [integer] akt.child|akt.child_builder
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
---@field priority akt.class
---@field processed? integer
---@field restarts? integer
---@field uptime? number seconds
---@field memory? integer bytes, its share of its heap
---@field isolate? integer
---@field in_flight? integer handlers in progress
---@field tasks? integer in progress

---@class akt.stats
---@field actors integer
---@field isolates integer
---@field workers integer
---@field team integer workers that share light messages now
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
---@field tasks_dropped integer tasks that went with their actors
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

---Whether it has not ended for good. One of another node is asked for there, and
---is not alive when that node cannot be reached.
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

---"name@node" asks that node; raises `noconnection`.
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

---The trace of the message being handled: 16 hexadecimal digits; nil where
---nothing is being handled.
---@return string?
function akt.trace_id() end

---Runs f(...): what it sends, asks and spawns belongs to the trace `id`.
---@param id string 1 to 16 hexadecimal digits, or 32 of which the last 16 count
---@param f fun(...: any): ...
---@param ... any
---@return any ...
function akt.with_trace(id, f, ...) end

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

---Lays the message being handled aside, with its asker. Raises `overloaded` when
---the stash holds as many as the mailbox may, `no_message` outside a handler.
function akt.stash() end

---The oldest stashed message goes back in front of the mailbox.
---@return integer how_many
function akt.unstash() end

---All of them, in order.
---@return integer how_many
function akt.unstash_all() end

---------------------------------------------------------------------------
-- Handlers beside others, tasks, state machines
---------------------------------------------------------------------------

---From the next message on: what may be handled while a handler waits. Handlers
---in progress keep what they have begun under. Raises `bad_option`; `denied` in a
---process.
---@param mode boolean|akt.reentrant_list
---@param opts? { max?: integer }
function akt.reentrant(mode, opts) end

---Runs f(...) as part of this actor, when no handler runs: at the next wait or end
---of this one. If it raises, the actor crashes. Raises `limit` over 10,000.
---@param f fun(...: any): ...
---@param ... any
---@return akt.future results of f, not copied
function akt.task(f, ...) end

---Runs f(...) in a task; sends (tag, ...) with its results, or (tag, nil, err).
---@param dest akt.dest
---@param tag string
---@param f fun(...: any): ...
---@param ... any
function akt.pipe_to(dest, tag, f, ...) end

---The same under a time limit, or by a circuit breaker.
---@param opts { within?: number|string, breaker?: { call: fun(self: any, f: function, ...: any): ... } }
---@param dest akt.dest
---@param tag string
---@param f fun(...: any): ...
---@param ... any
function akt.pipe_to_opt(opts, dest, tag, f, ...) end

---The name of a state, or what returns it (nil: stay) and then the answer.
---@alias akt.reaction string|fun(self: table, ...: any): string?, ...

---@class akt.fsm_state
---@field enter? fun(self: table, from?: string): string?
---@field exit? fun(self: table, to: string)
---@field timeout? { [1]: number|string, [2]: akt.reaction } seconds, and then
---@field postpone? string[] tags that wait for the next state
---@field on? table<string, akt.reaction> tags named like one of these
---@field [string] akt.reaction

---@class akt.fsm_spec
---@field name? string of the kind; default: file and line
---@field initial string
---@field init? fun(self: table, ...: any)
---@field any? table<string, akt.reaction> in any state
---@field states table<string, akt.fsm_state>

---A kind from a finite state machine. Raises `bad_option`.
---@param spec akt.fsm_spec
---@return akt.kind
function akt.fsm(spec) end

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
---@param child akt.child|akt.child_builder
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
-- Routers
---------------------------------------------------------------------------

---@class akt.routee_options
---@field restart? akt.restart_type default "permanent"
---@field shutdown? number|"kill"
---@field on_error? table<string, akt.action>
---@field mailbox? akt.mailbox
---@field isolate? boolean
---@field memory? string|integer

---@class akt.router_options
---@field strategy "round_robin"|"random"|"smallest_mailbox"|"consistent_hash"|"broadcast"|"scatter_gather"|"tail_chopping"
---@field kind? akt.kind of the routees, with `size`
---@field size? integer 1 to 65536
---@field args? any[] spawn arguments of each
---@field routee? akt.routee_options
---@field routees? akt.pid[] instead of kind and size
---@field key? fun(tag: string, ...: any): string|number|boolean|akt.pid of "consistent_hash"; runs in the sender, may not wait
---@field within? number|string of asks to more than one, default 5 s
---@field interval? number|string of "tail_chopping", default 0.1 s
---@field supervise? akt.supervise of the routees; exhausted: default "stop"
---@field name? string
---@field restart? akt.restart_type of the router
---@field shutdown? number|"kill"
---@field detached? boolean

---One address for many actors. What is sent to it goes to a routee, chosen in
---the sender's turn. Raises `bad_option`, and what akt.spawn_opt raises.
---@param options akt.router_options
---@return akt.pid
function akt.router(options) end

---The routees of a router that are alive, in order.
---@return akt.pid[]
function pid:routees() end

---Starts more routees, or lets the newest go once they have handled what they
---have. Raises `denied` if the routees were given.
---@param n integer
---@return integer
function pid:resize(n) end

---------------------------------------------------------------------------
-- Topics and groups
---------------------------------------------------------------------------

---@class akt.topic
---@field name string
local topic = {}

---To all subscribers; never waits. Who has no room is passed over and gets
---`("lagged", n, name)` when it has room again.
---@param tag string
---@param ... any
---@return integer delivered
function topic:publish(tag, ...) end

---Raises `noproc`.
---@param dest? akt.dest this actor if left out
---@return boolean is_new
function topic:subscribe(dest) end

---@param dest? akt.dest this actor if left out
---@return boolean was_in
function topic:unsubscribe(dest) end

---Since the topic exists, which is while it has subscribers.
---@return { subscribers: integer, published: integer, delivered: integer, lagged: integer, refused: integer }
function topic:stats() end

---@param name string 1 to 255 bytes
---@return akt.topic
function akt.topic(name) end

akt.group = {}

---@param name string
---@param dest? akt.dest this actor if left out
---@return boolean is_new
function akt.group.join(name, dest) end

---@param name string
---@param dest? akt.dest this actor if left out
---@return boolean was_in
function akt.group.leave(name, dest) end

---@param name string
---@return akt.pid[]
function akt.group.members(name) end

---@param name string
---@param tag string
---@param ... any
---@return integer delivered
function akt.group.publish(name, tag, ...) end

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

---@class akt.timer_options the last argument
---@field to? akt.dest
---@field name? string replaces the timer of this actor that has it
---@field tz? string cron_opt: "UTC", "local", "Europe/Berlin"

---Like akt.after, with akt.timer_options as the last argument.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.after_opt(seconds, tag, ...) end

---Like akt.every, with akt.timer_options as the last argument.
---@param seconds number
---@param tag string
---@param ... any
---@return akt.timer
function akt.every_opt(seconds, tag, ...) end

---Sends (tag, ...) by the wall clock, in UTC. Five fields (minute, hour, day,
---month, weekday), six (second first) or seven (year last). Raises `bad_cron`,
---also for what is never due.
---@param expression string
---@param tag string
---@param ... any
---@return akt.timer
function akt.cron(expression, tag, ...) end

---Like akt.cron, with akt.timer_options as the last argument.
---@param expression string
---@param tag string
---@param ... any
---@return akt.timer
function akt.cron_opt(expression, tag, ...) end

---When the expression is due after a time (default now), seconds since 1970.
---@param expression string
---@param after? number
---@param tz? string default "UTC"
---@return integer?
function akt.cron_next(expression, after, tz) end

---@class akt.timer_info
---@field ref akt.timer
---@field kind "after"|"every"|"cron"
---@field tag string
---@field to akt.pid
---@field paused boolean
---@field name? string
---@field next? number seconds until the next tick
---@field period? number
---@field cron? string
---@field tz? string
---@field at? number wall clock

---The timers of this actor, oldest first; or that one, or nil.
---@return akt.timer_info[]
---@overload fun(which: string|akt.timer): akt.timer_info?
function akt.timers() end

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
---@field use fun(self, use: table<string, any>): akt.child_builder
---@field cpu fun(self, share: string): akt.child_builder
---@field priority fun(self, class: akt.class): akt.child_builder

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

---Facts about this node. `address`: where it listens.
---@return { name: string, workers: integer, simulated: boolean, seed: integer, address: string? }
function akt.node() end

---Another node; nothing is asked yet.
---@param name string
---@return akt.node
function akt.node(name) end

---@class akt.node
---@field name string
local node = {}

---Starts an actor there, below its /user, once `init` has returned. The kind must
---be defined by the program that runs there. Raises what akt.spawn raises,
---`unknown_kind`, `noconnection`.
---@param kind string|akt.kind
---@param ... any
---@return akt.pid
function node:spawn(kind, ...) end

---@param opts table as of akt.spawn_opt; `link` and `monitor` tie it to the caller
---@param kind string|akt.kind
---@param ... any
---@return akt.pid
---@return akt.ref? ref with `monitor`
function node:spawn_opt(opts, kind, ...) end

---@param name string
---@return akt.pid?
function node:whereis(name) end

---@return number seconds there and back
function node:ping() end

---Figures of the link, over all its sessions, or nil: it was never linked.
---`round_trip` in seconds.
---@return { name: string, state: "up"|"connecting"|"down", address: string, round_trip: number, bytes_in: integer, bytes_out: integer, messages_in: integer, messages_out: integer, queued: integer, credit: integer, waiting: integer, resent: integer, lost: integer, sessions: integer }?
function node:info() end

---@return string[] names of the nodes that are linked
function akt.nodes() end

---The actor that serves that node, monitored: `down(ref, pid, "noconnection")`
---when the node goes. Raises `noconnection`.
---@param name string
---@return akt.ref
function akt.monitor_node(name) end

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
---@alias akt.event_type
---| "spawn" | "start" | "register" | "end" | "crash" | "restart" | "park"
---| "reinstate" | "reload" | "dead_letter" | "mailbox_full" | "long_turn"
---| "mailbox_growth" | "restart_storm" | "memory_high" | "preempt"
---| "links_told" | "monitors_told" | "suspended" | "health" | "overloaded"
---| "recovered" | "passivated" | "woken"
---@alias akt.severity "trace"|"debug"|"info"|"warning"|"error"|"critical"

---@class akt.event
---@field type akt.event_type
---@field severity akt.severity
---@field at number seconds since 1970
---@field count integer
---@field pid? akt.pid the actor it is about
---@field kind? string
---@field code? string
---@field reason? any of crash and end
---@field from? akt.pid of crash, dead_letter, mailbox_full: the sender
---@field tag? string of that message, and so on
---@field args? any[]
---@field size? integer its bytes, if args are not all
---@field ask? boolean
---@field trace? string
---@field cause? { tag: string, from: akt.pid? } the message that caused it
---@field parent? akt.pid of spawn
---@field name? string of spawn, register
---@field text? string of warnings
---@field restarts? integer
---@field ms? integer
---@field messages? integer
---@field bytes? integer
---@field n? integer

---@class akt.event_filter
---@field types? akt.event_type|akt.event_type[]
---@field severity? akt.severity default "debug"; with types "trace"
---@field about? akt.pid

---@class akt.subscribe_options: akt.event_filter
---@field kind? string only of actors of this kind
---@field pid? akt.pid who gets the events (default: this actor)
---@field tag? string they come with (default "event")
---@field max? integer messages in its mailbox, over which they are lost (4096)

---@class akt.history_options: akt.event_filter
---@field limit? integer default 100, at most 10000

---What happens in the node, as messages ("event", e).
---@class akt.events
---@field subscribe fun(options?: akt.subscribe_options)
---@field unsubscribe fun(pid?: akt.pid): boolean
---@field history fun(options?: akt.history_options): akt.event[]
---@field stats fun(): { published: integer, delivered: integer, lost: integer, subscribers: { pid: akt.pid, delivered: integer, lost: integer }[] }
---@field types fun(): table<akt.event_type, akt.severity>

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
-- Breakers, limiters, retries
---------------------------------------------------------------------------

---@class akt.breaker: akt.ref the same breaker wherever it is sent or captured
local breaker = {}

---@class akt.breaker_options
---@field failures? number part of the calls, default 0.5
---@field calls? integer at least so many in the window, default 10
---@field window? number|string default 60 s
---@field open? number|string default 30 s
---@field half_open? integer trials, default 1
---@field timeout? number|string deadline of each call
---@field fallback? fun(err: akt.error, ...: any): ... instead of `breaker_open`
---@field name? string lives until the program ends, and is found again

---@param options? akt.breaker_options
---@return akt.breaker
function akt.breaker(options) end

---Runs f(...), counts how it ends. Raises `breaker_open` instead, or runs the
---fallback, when too many have failed.
---@param f fun(...: any): ...
---@param ... any
---@return any ...
function breaker:call(f, ...) end

---@return "closed"|"open"|"half_open"
function breaker:state() end

---@return { state: string, window_calls: integer, window_failures: integer, succeeded: integer, failed: integer, ignored: integer, late: integer, opened: integer, rejected: integer }
function breaker:metrics() end

---@class akt.limiter: akt.ref
local limiter = {}

---@param options { rate: number, per?: number|string, burst?: number, name?: string }
---@return akt.limiter
function akt.limiter(options) end

---Takes n (1) and waits for its turn; raises `timeout` at once when that is
---after the deadline.
---@param n? number
function limiter:take(n) end

---@param n? number
---@return boolean taken
function limiter:try(n) end

---@return { tokens: number, taken: integer, waited: integer, refused: integer }
function limiter:metrics() end

---@class akt.retry_options
---@field tries? integer default 3
---@field backoff? number|string|(number|string)[] first and longest pause, default { 0.1, 2 }
---@field jitter? number part of the pause that is random, default 0.2
---@field on? string|string[] codes that are worth another try, default all
---@field within? number|string seconds for everything

---Calls f(...) until it does not raise. The last error has the field `tries`.
---@param options akt.retry_options
---@param f fun(...: any): ...
---@param ... any
---@return any ...
function akt.retry(options, f, ...) end

---------------------------------------------------------------------------
-- Sagas
---------------------------------------------------------------------------

---@class akt.saga
local saga = {}

---@class akt.step_options
---@field name? string for reports
---@field retry? akt.retry_options of act; default: one try
---@field within? number|string deadline of act
---@field undo_retry? akt.retry_options default { tries = 3, backoff = { 0.1, 1 } }
---@field undo_within? number|string time of undo, its tries included; default 5 s
---@field unsure? boolean undo it also when act fails

---@class akt.saga_error: akt.error
---@field undone integer steps that were undone
---@field failed? { step: integer, name?: string, code: string, message: string, tries?: integer }[] those that could not be

---Runs act() and returns what it returns. If the saga fails later, undo gets
---these values.
---@param act fun(): ...
---@param undo? fun(...: any)
---@param options? akt.step_options
---@return any ...
function saga:step(act, undo, options) end

---Runs f(s, ...) and returns what it returns; when it raises, the steps it has
---made are undone in reverse order.
---@param f fun(s: akt.saga, ...: any): ...
---@param ... any
---@return any ...
---@return akt.saga_error?
function akt.saga(f, ...) end

---------------------------------------------------------------------------
-- Services by name, shared data
---------------------------------------------------------------------------

---For all actors of the node: data, pids, functions, kinds. Raises `name_taken`.
---@param name string
---@param value any
---@param options? { replace?: boolean }
function akt.provide(name, value, options) end

---A copy of what this actor was given by `use` at its spawn, or one of the
---actors above it, or else of what the node has. Raises `not_found`.
---@param name string
---@return any
function akt.use(name) end

---A view of read-only data; strings over 4,096 bytes in it are akt.shared_text.
---@class akt.shared_table: userdata
---@field [any] any

---@class akt.shared_text: userdata
local text = {}

---@return integer
function text:len() end

---@param i integer
---@param j? integer
---@return string
function text:sub(i, j) end

---@param i? integer
---@param j? integer
---@return integer ...
function text:byte(i, j) end

---A plain text, no pattern.
---@param s string
---@param init? integer
---@return integer? first
---@return integer? last
function text:find(s, init) end

---A view of the newest data of this name, or nil. With data: publishes it, for
---all actors of the node.
---@param name string
---@param data? table|string
---@return akt.shared_table|akt.shared_text|nil
function akt.shared(name, data) end

---Takes the name away; views that exist go on.
---@param name string
---@return boolean there_was
function akt.unshare(name) end

---@param view akt.shared_table|akt.shared_text
---@return table|string
function akt.shared_copy(view) end

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

---No tick is handled until it goes on; what is left of its time stays left.
---@return boolean ran
function timer:pause() end

---@return boolean was_paused
function timer:resume() end

---The answer's values; raises as akt.ask does.
---@return any ...
function future:wait() end

---Whether wait would not have to wait.
---@return boolean
function future:done() end

return akt
