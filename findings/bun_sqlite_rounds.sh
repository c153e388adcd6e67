#!/usr/bin/env bash
# With:  bun:sqlite 1.4.5; node:sqlite of Deno 2.9.6 beside it.
# Guess: an integer above 2^53 in a table cannot be read as a number without loss,
#        so reading it is an error, unless bigints are asked for.
# Seen:  so in node:sqlite. bun:sqlite gives 9007199254740993 as 9007199254740992
#        without a word.
# So:    with bun:sqlite, ids of 64 bits (snowflakes, hashes) need
#        { safeIntegers: true }, with which all integers come as bigints.
source "$(dirname "$0")/lib.sh"
from_npm deno@2.9.6 bun@1.4.5
cat >ask.mjs <<'END'
const { DatabaseSync, Database } = "Bun" in globalThis
  ? await import("bun:sqlite")
  : await import("node:sqlite");
const read = (...options) => {
  const database = new (DatabaseSync ?? Database)(":memory:", ...options);
  try {
    return database.prepare("SELECT 9007199254740993 AS id").get().id;
  } catch (error) {
    return error.name;
  }
};
console.log(String(read()));
if (Database) console.log(String(read({ safeIntegers: true })));
END
deno=node_modules/.bin/deno bun=node_modules/.bin/bun
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
"$bun" --version >/dev/null 2>&1 || cannot_try "bun's binary"
same "node:sqlite
RangeError
bun:sqlite
9007199254740992
9007199254740993" "node:sqlite
$("$deno" run -A ask.mjs)
bun:sqlite
$("$bun" ask.mjs)"
