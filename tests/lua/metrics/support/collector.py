"""A collector for one test: writes each body to DIR/N.json.

usage: collector.py DIR [FAILURES]    answers the first FAILURES with 500, or
                                      "hang": never
It writes its port to DIR/port, and the number of good posts to DIR/good.
"""
import http.server
import json
import os
import sys
import threading

folder = sys.argv[1]
mode = sys.argv[2] if len(sys.argv) > 2 else "0"
posts = 0


def write(name, text):
    with open(os.path.join(folder, name + ".new"), "w") as f:
        f.write(text)
    os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global posts
        if mode == "hang":
            threading.Event().wait()
        assert self.path == "/v1/metrics", self.path
        assert self.headers["Content-Type"] == "application/json"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        posts += 1
        good = posts - int(mode)
        if good > 0:
            write("%d.json" % good, json.dumps(json.loads(body)))
        self.send_response(200 if good > 0 else 500)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        if good > 0:
            write("good", str(good))

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
write("port", str(server.server_port))
server.serve_forever()
