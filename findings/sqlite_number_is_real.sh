#!/usr/bin/env bash
# With:  node:sqlite of Deno 2.9.6 (Node 22 and 24 do the same), bun:sqlite 1.4.5.
# Guess: a whole number as a parameter is an INTEGER, as in every other binding.
# Seen:  with node:sqlite it is a REAL: 5 and 2 as parameters make 5 / 2 = 2.5, and
#        typeof(?) is "real". bun:sqlite binds an INTEGER, so 5 / 2 = 2.
# So:    give node:sqlite a bigint where the type counts (division, typeof, JSON,
#        a column without a type). A column of type INTEGER converts.
source "$(dirname "$0")/lib.sh"
from_npm deno@2.9.6 bun@1.4.5
cat >ask.mjs <<'END'
const { DatabaseSync, Database } = "Bun" in globalThis
  ? await import("bun:sqlite")
  : await import("node:sqlite");
const database = new (DatabaseSync ?? Database)(":memory:");
const ask = (sql, ...values) =>
  Object.values(database.prepare(sql).get(...values)).join();
console.log(ask("SELECT ? / ?, typeof(?)", 5, 2, 1));
database.exec("CREATE TABLE notes (value)");
database.prepare("INSERT INTO notes VALUES (?)").run(1);
console.log(ask("SELECT json_array(value) FROM notes"));
END
deno=node_modules/.bin/deno bun=node_modules/.bin/bun
"$deno" --version >/dev/null 2>&1 || cannot_try "deno's binary"
"$bun" --version >/dev/null 2>&1 || cannot_try "bun's binary"
same "node:sqlite
2.5,real
[1.0]
bun:sqlite
2,integer
[1]" "node:sqlite
$("$deno" run -A ask.mjs)
bun:sqlite
$("$bun" ask.mjs)"
