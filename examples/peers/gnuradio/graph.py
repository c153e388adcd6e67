"""A ramp of numbers leaves GNU Radio by a PUSH; what comes back by a PULL is printed."""
import json
import sys
import time

from gnuradio import blocks, gr, zeromq

address, count = sys.argv[1], int(sys.argv[2])
graph = gr.top_block()
# Sinks bind, sources connect.
sink = zeromq.push_sink(gr.sizeof_float, 1, "tcp://127.0.0.1:*")
source = zeromq.pull_source(gr.sizeof_float, 1, address)
numbers = blocks.vector_sink_f()
graph.connect(blocks.vector_source_f(range(count)), sink)
graph.connect(source, blocks.head(gr.sizeof_float, count), numbers)
print(sink.last_endpoint(), flush=True)
graph.start()
while len(numbers.data()) < count:
    time.sleep(0.01)
graph.stop()  # a source of ZeroMQ does not see that no more is wanted
graph.wait()
print(json.dumps(numbers.data()))
