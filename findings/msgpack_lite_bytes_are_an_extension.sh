#!/usr/bin/env bash
# With:  msgpack-lite 0.1.26 (npm), msgpack 1.2.4 (PyPI).
# Guess: a Uint8Array is packed as bytes, a Date as MessagePack's timestamp (-1), and
#        a Map as a map.
# Seen:  a Uint8Array is the extension 18, a Date the extension 13 with a float in
#        it, and a Map an empty map, without a word. A Buffer is bytes.
# So:    for readers in other languages pack Buffers, and dates as text or numbers;
#        turn a Map into an object.
source "$(dirname "$0")/lib.sh"
from_pypi msgpack==1.2.4
from_npm msgpack-lite@0.1.26
command -v node >/dev/null || cannot_try "node"
cat >ask.mjs <<'END'
import msgpack from "msgpack-lite";

const values = [
  new Uint8Array([1, 2, 3]),
  Buffer.from([1, 2, 3]),
  new Date(1_700_000_000_000),
  new Map([["a", 1]]),
];
process.stdout.write(msgpack.encode(values));
END
cat >ask.py <<'END'
import sys

import msgpack

for value in msgpack.unpackb(sys.stdin.buffer.read()):
    print(value)
END
same "ExtType(code=18, data=b'\x01\x02\x03')
b'\x01\x02\x03'
ExtType(code=13, data=b'\xcbBx\xbc\xfeV\x80\x00\x00')
{}" "$(node ask.mjs | python3 ask.py)"
