"""A device of Tango, without a database: it counts."""
import sys

from tango.server import Device, attribute, command, run


class Counter(Device):
    def init_device(self):
        super().init_device()
        self.value = 0.0
        self.set_change_event("count", True, False)

    @attribute(dtype=float)
    def count(self):
        return self.value

    @command
    def Add(self):
        self.value += 1.5
        self.push_change_event("count", self.value)


run([Counter], args=[
    "counter", "one", "-nodb", "-dlist", "test/counter/1",
    "-ORBendPoint", f"giop:tcp:127.0.0.1:{sys.argv[1]}",
])
