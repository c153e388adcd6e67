#!/usr/bin/env bash
# With:  pyzmq 27.1.0, zmq.auth.create_certificates.
# Guess: metadata says who a key belongs to, so it is in the public certificate,
#        which goes to others, and quoted as RFC 4 (ZPL) wants odd values.
# Seen:  metadata goes into the secret file alone; the public one has an empty
#        section. The values are not quoted, so "a#b" is written as it is, and
#        what follows "#" may be read as a comment by others.
# So:    a server that reads a folder of public certificates of pyzmq learns keys
#        and no names: use the names of the files. Read values without quotes.
source "$(dirname "$0")/lib.sh"
from_pypi pyzmq==27.1.0
cat >ask.py <<'END'
import zmq.auth

public, secret = zmq.auth.create_certificates(".", "ada", {"note": "a#b"})
for name in (public, secret):
    with open(name) as file:
        lines = [line.rstrip() for line in file if not line.startswith("#")]
    section = lines[lines.index("metadata"):lines.index("curve")]
    print(name.rsplit("/", 1)[-1], section)
END
same "ada.key ['metadata']
ada.key_secret ['metadata', '    note = a#b']" "$(python3 ask.py)"
