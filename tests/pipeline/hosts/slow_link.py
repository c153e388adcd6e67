"""Test support. Delays and drops the packets that a router forwards between eth0
and eth1, where the kernel has no netem. They take the way through a TUN device:
this program reads them there, and writes them back later, or not.

    python3 slow_link.py DELAY_MS LOSS_PERCENT    the same in each direction
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

delay, loss = float(sys.argv[1]) / 1000, float(sys.argv[2]) / 100
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun0", IFF_TUN | IFF_NO_PI))
for command in (
    "link set tun0 up",
    "route add default dev tun0 table 50",
    "rule add iif eth0 lookup 50",
    "rule add iif eth1 lookup 50",
):
    subprocess.run(["ip", *command.split()], check=True)
print("ready", flush=True)

lot = random.Random(1)
waiting = []  # (when it is due, its number, the packet)
count = 0
while True:
    pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([tun], [], [], pause)[0]:
        packet = os.read(tun, 65535)
        if lot.random() >= loss:
            count += 1
            heapq.heappush(waiting, (time.monotonic() + delay, count, packet))
    while waiting and waiting[0][0] <= time.monotonic():
        os.write(tun, heapq.heappop(waiting)[2])
