#!/usr/bin/env bash
# With:  ipykernel 7.4.0, jupyter_client 8.10.0, pyzmq 27.1.0.
# Guess: the topics on iopub all begin with "kernel.<id>.", so a SUB with "kernel."
#        hears all that a cell says, also through a proxy with many kernels.
# Seen:  what is printed has the topic "stream.stdout" and what is displayed
#        "display_data", with no kernel in it; status, execute_input and
#        execute_result have "kernel.<id>.".
# So:    subscribe to "" and sort by the header. With "kernel." all looks well
#        until somebody prints, and behind a proxy nothing in the topic of a
#        stream tells whose it is.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0 ipykernel==7.4.0 jupyter_client==8.10.0
cat >ask.py <<'END'
import re, sys
from jupyter_client.manager import KernelManager

kernel = KernelManager(kernel_name="python3")
kernel.kernel_spec.argv[0] = sys.executable
kernel.start_kernel()
client = kernel.client()
try:
    client.start_channels()
    client.wait_for_ready(timeout=60)
    mine = client.execute("print(1)\ndisplay(2)\n3")
    idle = False
    while not idle:
        frames = client.iopub_channel.socket.recv_multipart()
        ids, message = client.session.feed_identities(frames)
        message = client.session.deserialize(message)
        if message["parent_header"].get("msg_id") == mine:
            print(re.sub("[0-9a-f-]{36}", "<id>", ids[0].decode()))
            idle = message["content"].get("execution_state") == "idle"
finally:
    kernel.shutdown_kernel(now=True)
END
same "kernel.<id>.status
kernel.<id>.execute_input
stream.stdout
display_data
kernel.<id>.execute_result
kernel.<id>.status" "$(python3 ask.py 2>/dev/null)"
