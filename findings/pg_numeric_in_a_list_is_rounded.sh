#!/usr/bin/env bash
# With:  pg 8.23.1, postgres 3.4.9 (npm) on PostgreSQL 15.
# Guess: numeric arrives as text, so that no digit is lost; so a numeric[] arrives
#        as a list of texts, as int8 and int8[] do.
# Seen:  numeric[] is a list of numbers: 0.1234567890123456789 in it comes as
#        0.12345678901234568. postgres gives texts for both.
# So:    with pg, sums and array_agg() over money lose digits and change their type.
#        Read "column::text[]", or set a parser for the type 1231.
source "$(dirname "$0")/lib.sh"
start_postgres
from_npm pg@8.23.1 postgres@3.4.9
command -v node >/dev/null || cannot_try "node"
cat >ask.mjs <<'END'
import pg from "pg";
import postgres from "postgres";

const query = `select '0.1234567890123456789'::numeric as one,
  array['0.1234567890123456789'::numeric] as list,
  '9007199254740993'::int8 as big, array['9007199254740993'::int8] as bigs`;

const client = new pg.Client();
await client.connect();
console.log("pg", JSON.stringify((await client.query(query)).rows[0]));
await client.end();
const sql = postgres();
console.log("postgres", JSON.stringify((await sql.unsafe(query))[0]));
await sql.end();
END
same 'pg {"one":"0.1234567890123456789","list":[0.12345678901234568],"big":"9007199254740993","bigs":["9007199254740993"]}
postgres {"one":"0.1234567890123456789","list":["0.1234567890123456789"],"big":"9007199254740993","bigs":["9007199254740993"]}' "$(node ask.mjs 2>&1)"
