%% SPDX-License-Identifier: MIT
%% chameneos [creatures] [meetings]: the work of bench/savina/chameneos.lua.
-module(bench_chameneos).
-export([main/1]).

main(Args) ->
    [Creatures, Meetings] = bench_savina:args(Args, [100, 200000]),
    bench_savina:run(
      #{name => "chameneos", unit => "meetings/s", work => Meetings,
        check => 2 * Meetings,
        once => fun(_) ->
                        Main = self(),
                        Mall = spawn(fun() -> mall(Creatures, Meetings, Main) end),
                        Mall ! start,
                        bench_savina:done()
                end}).

mall(Creatures, Meetings, Main) ->
    receive start -> ok end,
    Mall = self(),
    [spawn(fun() -> creature(Mall, color(I rem 3)) end)
     || I <- lists:seq(0, Creatures - 1)],
    open(Meetings, none),
    Main ! {done, closed(Creatures, 0)}.

open(0, none) -> ok;
open(Left, none) ->
    receive {meet, _, From} -> open(Left, From) end;
open(Left, Waiting) ->
    receive {meet, _, _} = Meet ->
            Waiting ! Meet,
            open(Left - 1, none)
    end.

closed(0, Sum) -> Sum;
closed(Missing, Sum) ->
    receive
        {meet, _, From} ->
            From ! exit,
            closed(Missing, Sum);
        {faded, Count} ->
            closed(Missing - 1, Sum + Count)
    end.

creature(Mall, Color) ->
    Mall ! {meet, Color, self()},
    creature(Mall, Color, 0).

creature(Mall, Color, Meetings) ->
    receive
        {meet, Other, From} ->
            New = complement(Color, Other),
            From ! {change, New},
            Mall ! {meet, New, self()},
            creature(Mall, New, Meetings + 1);
        {change, New} ->
            Mall ! {meet, New, self()},
            creature(Mall, New, Meetings + 1);
        exit ->
            Mall ! {faded, Meetings}
    end.

color(0) -> red;
color(1) -> yellow;
color(2) -> blue.

complement(Same, Same) -> Same;
complement(red, yellow) -> blue;
complement(yellow, red) -> blue;
complement(red, blue) -> yellow;
complement(blue, red) -> yellow;
complement(yellow, blue) -> red;
complement(blue, yellow) -> red.
