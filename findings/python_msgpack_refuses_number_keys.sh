#!/usr/bin/env bash
# With:  msgpack 1.2.4 (PyPI), msgpackr 2.1.4 (npm).
# Guess: a map with integer keys, which MessagePack allows and Python's dict, too,
#        comes as {1: 'a'}; a timestamp comes as a datetime.
# Seen:  the map is a ValueError by default, though packb() writes one without a
#        word, so that it cannot read what it wrote. The timestamp is a
#        msgpack.Timestamp.
# So:    tell users in Python: unpackb(data, strict_map_key=False, timestamp=3). Or
#        send text keys.
source "$(dirname "$0")/lib.sh"
from_pypi msgpack==1.2.4
from_npm msgpackr@2.1.4
command -v node >/dev/null || cannot_try "node"
cat >ask.mjs <<'END'
import { pack } from "msgpackr";
for (const value of [new Map([[1, "a"]]), new Date(1_000)]) {
  console.log(Buffer.from(pack(value)).toString("hex"));
}
END
cat >ask.py <<'END'
import sys
import msgpack


def read(data, **options):
    try:
        return repr(msgpack.unpackb(data, **options))
    except ValueError as error:
        return error


for line in [*sys.stdin, msgpack.packb({1: "a"}).hex()]:
    data = bytes.fromhex(line)
    print(read(data), "|", read(data, strict_map_key=False, timestamp=3))
END
same "int is not allowed for map key when strict_map_key=True | {1: 'a'}
Timestamp(seconds=1, nanoseconds=0) | datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)
int is not allowed for map key when strict_map_key=True | {1: 'a'}" "$(node ask.mjs | python3 ask.py)"
