#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A TCP proxy that disturbs what goes through it.

usage: proxy.py LISTEN_HOST:PORT TARGET_HOST:PORT [resets=N] [seed=N]
                [most=BYTES] [delay=SECONDS]

resets  so many connections are reset, each after a random number of bytes from
        1 to `most` (both ways together), wherever that is in a frame; what is in
        buffers then is lost. Later ones live on.
delay   every byte arrives so much later, in both directions.

Says "proxies" when it listens, "reset K" for each, and "all reset" behind the
last one that is due.
"""
import asyncio
import random
import socket
import struct
import sys


def say(text):
    print(text, flush=True)


def host_port(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


class Proxy:
    def __init__(self, target, options):
        self.target = target
        self.resets = int(options.get("resets", 0))
        self.most = int(options.get("most", 1000000))
        self.delay = float(options.get("delay", 0))
        self.random = random.Random(int(options.get("seed", 1)))
        self.done = 0

    async def serve(self, reader, writer):
        try:
            there = await asyncio.open_connection(*self.target)
        except OSError:
            reset(writer)
            return
        pair = Pair(self, writer, there[1])
        tasks = [asyncio.create_task(pair.carry(reader, there[1])),
                 asyncio.create_task(pair.carry(there[0], writer))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in (writer, there[1]):
            each.close()

    def count_reset(self):
        self.done += 1
        say("reset %d" % self.done)
        if self.done == self.resets:
            say("all reset")


def reset(writer):
    """RST, not FIN: what was not sent yet is dropped."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    writer.transport.abort()


class Pair:
    """One connection, and the one to the target."""

    def __init__(self, proxy, *writers):
        self.proxy = proxy
        self.writers = writers
        self.left = None  # bytes until it is reset
        if proxy.done < proxy.resets:
            # as many short lives as long ones
            self.left = int(proxy.most ** proxy.random.random())

    def end(self):
        for writer in self.writers:
            reset(writer)

    async def carry(self, reader, writer):
        """Until one of them ends; what was read before that is written."""
        loop = asyncio.get_running_loop()
        queue = asyncio.Queue(1000)
        later = asyncio.create_task(self.write_late(queue, writer))
        data = True
        try:
            while data and not later.done():
                try:
                    data = await reader.read(65536)
                except OSError:
                    data = b""
                await queue.put((loop.time() + self.proxy.delay, data))
            await later
        finally:
            later.cancel()

    async def write_late(self, queue, writer):
        loop = asyncio.get_running_loop()
        while True:
            due, data = await queue.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if not data:
                return
            if self.left is not None and len(data) >= self.left:
                writer.write(data[:self.left])
                self.left = None
                self.proxy.count_reset()
                self.end()
                return
            if self.left is not None:
                self.left -= len(data)
            writer.write(data)
            await writer.drain()


async def main():
    options = dict(word.split("=", 1) for word in sys.argv[3:])
    proxy = Proxy(host_port(sys.argv[2]), options)
    server = await asyncio.start_server(proxy.serve, *host_port(sys.argv[1]))
    say("proxies")
    async with server:
        await server.serve_forever()


asyncio.run(main())
