%% SPDX-License-Identifier: MIT
%% reload [processes]: the work of bench/reload.lua: a module is compiled
%% before, then loaded while that many processes run the old one, each is told
%% to go on in the new one, and has said so.
-module(bench_reload).
-export([main/1]).

main(Args) ->
    N = bench_util:arg(1, Args, 10000),
    load(1),
    Self = self(),
    Pids = [spawn(fun() -> reload_worker:loop(Self, I) end)
            || I <- lists:seq(1, N)],
    Binary = compiled(2),
    Took = bench_util:seconds(fun() ->
        {module, _} = code:load_binary(reload_worker, "reload_worker", Binary),
        [P ! switch || P <- Pids],
        [receive {switched, P, 2} -> ok end || P <- Pids]
    end),
    bench_util:report("reload", Took * 1000, "ms", 2),
    halt(0).

load(Version) ->
    {module, _} = code:load_binary(reload_worker, "reload_worker",
                                   compiled(Version)).

compiled(Version) ->
    Text = ["-module(reload_worker).",
            "-export([loop/2, switched/2]).",
            "loop(Boss, N) -> receive switch -> "
            "?MODULE:switched(Boss, N) end.",
            "switched(Boss, N) -> Boss ! {switched, self(), "
            ++ integer_to_list(Version) ++ "}, loop(Boss, N)."],
    Forms = [form(re:replace(T, "\\?MODULE", "reload_worker",
                             [{return, list}])) || T <- Text],
    {ok, reload_worker, Binary} = compile:forms(Forms),
    Binary.

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
