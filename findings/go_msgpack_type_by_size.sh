#!/usr/bin/env bash
# With:  github.com/vmihailenco/msgpack/v5 v5.4.1, @msgpack/msgpack 3.1.3 (npm).
# Guess: a whole number that is decoded into an interface{} is an int64, and any
#        other number a float64, as encoding/json always gives a float64.
# Seen:  its Go type is that of its size on the wire: int8, uint16, uint32, uint64.
#        JavaScript packs 5.0 as 5, so the same field is a float64 in one message
#        and an int8 in the next.
# So:    value.(int64) and value.(float64) work until a number is smaller, or whole.
#        Decode into a struct, or call UseLooseInterfaceDecoding(true).
source "$(dirname "$0")/lib.sh"
from_npm @msgpack/msgpack@3.1.3
command -v node >/dev/null || cannot_try "node"
cat >go.mod <<'END'
module ask

go 1.21

require github.com/vmihailenco/msgpack/v5 v5.4.1
END
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/vmihailenco/msgpack/v5"
)

func main() {
	decoder := msgpack.NewDecoder(os.Stdin)
	for {
		value, err := decoder.DecodeInterface()
		if err != nil {
			return
		}
		fmt.Printf("%v %T\n", value, value)
	}
}
END
build_go
cat >ask.mjs <<'END'
import { encode } from "@msgpack/msgpack";

for (const price of [5, 300, 70_000, 5_000_000_000, -3, 2.5, 5.0]) {
  process.stdout.write(encode(price));
}
END
same "5 int8
300 uint16
70000 uint32
5000000000 uint64
-3 int8
2.5 float64
5 int8" "$(node ask.mjs | ./ask)"
