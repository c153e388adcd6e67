"""Subscribes to the device's events by CORBA, and prints where they are.

Then, for each line of its input, has the device count.
"""
import json
import sys

import tango

server = f"tango://127.0.0.1:{sys.argv[1]}"
# A client repeats this every few minutes: the device forgets it after ten.
admin = tango.DeviceProxy(f"{server}/dserver/counter/one#dbase=no")
wanted = ["test/counter/1", "count", "subscribe", "change", "5"]
_, where = admin.ZmqEventSubscriptionChange(wanted)
# Two endpoints, of the heartbeats and of the events, and the topics of the
# event and of the heartbeat.
print(json.dumps(where), flush=True)
device = tango.DeviceProxy(f"{server}/test/counter/1#dbase=no")
for _ in sys.stdin:
    device.Add()
