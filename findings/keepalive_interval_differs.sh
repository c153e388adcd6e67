#!/usr/bin/env bash
# With:  Node (that of the path), Deno 2.9.6, Bun 1.4.5.
# Guess: socket.setKeepAlive(true, 30_000) sets the time before the first probe;
#        the interval and the number of probes stay the system's (75 s and 9), on
#        all three.
# Seen:  so on Deno. Node and Bun also set an interval of 1 s and 10 probes.
# So:    with the same line of code, a peer whose network has gone is noticed on
#        Node and Bun 10 s after the first probe, and on Deno after 11 minutes. On
#        Node and Bun a network that is away for 10 s ends an idle connection.
source "$(dirname "$0")/lib.sh"
command -v node >/dev/null || cannot_try "node"
command -v python3 >/dev/null || cannot_try "python3"
from_npm deno@2.9.6 bun@1.4.5
cat >ask.mjs <<'END'
import net from "node:net";
import process from "node:process";

const server = net.createServer((peer) => {
  peer.setKeepAlive(true, 30_000);
  setTimeout(() => console.log("set"), 200);
}).listen(0, "127.0.0.1", () => net.connect(server.address().port, "127.0.0.1"));
process.stdin.on("data", () => {}).on("end", () => process.exit());
END
cat >ask.py <<'END'
import ctypes, os, socket, subprocess, sys

PIDFD_GETFD = 438
OPTIONS = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
libc = ctypes.CDLL(None, use_errno=True)
system = [
    int(open(f"/proc/sys/net/ipv4/tcp_keepalive_{name}").read())
    for name in ("intvl", "probes")]
if system != [75, 9]:
    sys.exit(77)


def sockets(pid):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:"):
            copy = libc.syscall(PIDFD_GETFD, os.pidfd_open(pid), int(fd), 0)
            if copy < 0:
                sys.exit(77)  # not allowed to look
            yield socket.socket(fileno=copy)


for name, *command in (line.split() for line in sys.argv[1:]):
    program = subprocess.Popen(
        [*command, "ask.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    program.stdout.readline()
    for one in sockets(program.pid):
        with one:
            if one.family == socket.AF_INET and one.getsockopt(
                    socket.SOL_SOCKET, socket.SO_KEEPALIVE):
                print(name, *(one.getsockopt(socket.IPPROTO_TCP, it) for it in OPTIONS))
    program.kill()
END
deno=node_modules/deno/deno bun=node_modules/bun/bin/bun.exe
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
"$bun" --version >/dev/null 2>&1 || cannot_try "bun's binary"
seen=$(python3 ask.py "node node" "deno $deno run -A" "bun $bun") ||
  cannot_try "looking into another process's sockets, with Linux's own settings"
same "node 30 1 10
deno 30 75 9
bun 30 1 10" "$seen"
