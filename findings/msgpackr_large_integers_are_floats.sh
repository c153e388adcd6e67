#!/usr/bin/env bash
# With:  msgpackr 2.1.4, @msgpack/msgpack 3.1.3 (npm); msgpack 1.2.4 (PyPI).
# Guess: a whole number that is safe in JavaScript is packed as an integer, of 64
#        bits where it needs them.
# Seen:  msgpackr packs what needs more than 32 bits as a float: 5000000000 is
#        5000000000.0 in Python. @msgpack/msgpack packs an integer.
# So:    a time in milliseconds or an id from msgpackr is a float elsewhere; a typed
#        decoder (Go's, Rust's) refuses it for an integer field. Pack a bigint.
source "$(dirname "$0")/lib.sh"
from_pypi msgpack==1.2.4
from_npm msgpackr@2.1.4 @msgpack/msgpack@3.1.3
command -v node >/dev/null || cannot_try "node"
cat >ask.mjs <<'END'
import { encode } from "@msgpack/msgpack";
import { pack } from "msgpackr";
for (const [name, how, value] of [
  ["msgpackr", pack, 5_000_000_000],
  ["msgpackr", pack, 5_000_000_000n],
  ["@msgpack/msgpack", encode, 5_000_000_000],
]) {
  const type = typeof value;
  console.log(name, type, Buffer.from(how(value)).toString("hex"));
}
END
cat >ask.py <<'END'
import sys
import msgpack

for line in sys.stdin:
    *names, data = line.split()
    print(*names, msgpack.unpackb(bytes.fromhex(data)))
END
same "msgpackr number 5000000000.0
msgpackr bigint 5000000000
@msgpack/msgpack number 5000000000" "$(node ask.mjs | python3 ask.py)"
