%% SPDX-License-Identifier: MIT
%% payload [messages]: the work of bench/payload.lua with maps of ten entries,
%% once with atoms as keys and once with binaries. Binaries, as keys and as
%% values, are made when the program runs, as those of a decoded JSON object
%% are: what stands in the code is not copied with a message.
-module(bench_payload).
-export([main/1]).

-define(CHUNK, 1000).

main(Args) ->
    Messages = bench_util:arg(1, Args, 500000),
    Texts = copies([<<"Grace Hopper">>, <<"grace@example.org">>,
                    <<"Arlington">>]),
    Keys = copies([<<"id">>, <<"name">>, <<"email">>, <<"city">>, <<"age">>,
                   <<"score">>, <<"height">>, <<"visits">>, <<"active">>,
                   <<"admin">>]),
    measure("payload.atoms", Messages, fun(I) -> atoms(Texts, I) end,
            id, name),
    measure("payload.binaries", Messages,
            fun(I) -> binaries(Keys, Texts, I) end,
            hd(Keys), lists:nth(2, Keys)),
    halt(0).

copies(Binaries) -> [binary:copy(B) || B <- Binaries].

atoms([Name, Email, City], I) ->
    #{id => I, name => Name, email => Email, city => City, age => 85,
      score => 99.5, height => 1.68, visits => I * 3, active => true,
      admin => false}.

binaries([Id, Name, Email, City, Age, Score, Height, Visits, Active, Admin],
         [NameText, EmailText, CityText], I) ->
    #{Id => I, Name => NameText, Email => EmailText, City => CityText,
      Age => 85, Score => 99.5, Height => 1.68, Visits => I * 3,
      Active => true, Admin => false}.

measure(Label, Messages, Make, Id, Name) ->
    run(max(Messages div 10, 1), Make, Id, Name),
    Seconds = run(Messages, Make, Id, Name),
    bench_util:report(Label, Messages / Seconds, "messages/s").

run(N, Make, Id, Name) ->
    Main = self(),
    Receiver = spawn(fun() -> receiver(0, 0, Id, Name) end),
    Sender = spawn(fun() -> sender(Receiver, Make, Main) end),
    Sum = N * (N + 1) div 2 + N * 12,
    bench_util:seconds(fun() ->
                               Sender ! {run, N},
                               receive {done, {N, Sum}} -> ok end
                       end).

sender(Receiver, Make, Main) ->
    receive {run, N} -> Main ! {done, send(1, N, Receiver, Make)} end.

send(I, N, Receiver, _) when I > N -> sync(Receiver);
send(I, N, Receiver, Make) ->
    Receiver ! {user, Make(I)},
    case I rem ?CHUNK of
        0 -> sync(Receiver);
        _ -> ok
    end,
    send(I + 1, N, Receiver, Make).

sync(Receiver) ->
    Ref = monitor(process, Receiver),
    Receiver ! {sync, self(), Ref},
    receive {Ref, Answer} -> demonitor(Ref, [flush]), Answer end.

receiver(Handled, Sum, Id, Name) ->
    receive
        {user, #{Id := Number, Name := Text}} ->
            receiver(Handled + 1, Sum + Number + byte_size(Text), Id, Name);
        {sync, From, Ref} ->
            From ! {Ref, {Handled, Sum}},
            receiver(Handled, Sum, Id, Name)
    end.
