#!/usr/bin/env bash
# With:  the crates rmp-serde 1.3.1 and serde 1.0.229, @msgpack/msgpack 3.1.3 (npm).
# Guess: rmp_serde::to_vec() packs a struct as a map with the names of its fields, as
#        serde_json does, and a Vec<u8> as bytes.
# Seen:  a struct is a list of its values, and a Vec<u8> a list of numbers.
#        to_vec_named() gives the map; the bytes stay a list.
# So:    for readers in other languages use to_vec_named(), and serde_bytes for
#        bytes. A field that is put in between breaks readers of the list.
source "$(dirname "$0")/lib.sh"
from_npm @msgpack/msgpack@3.1.3
command -v node >/dev/null || cannot_try "node"
command -v cargo >/dev/null || cannot_try "cargo"
mkdir src
cat >Cargo.toml <<'END'
[package]
name = "ask"
version = "0.1.0"
edition = "2021"

[dependencies]
rmp-serde = "=1.3.1"
serde = { version = "=1.0.229", features = ["derive"] }
END
cat >src/main.rs <<'END'
use serde::Serialize;
use std::io::{stdout, Write};

#[derive(Serialize)]
struct Reading {
    id: u32,
    bytes: Vec<u8>,
}

fn main() {
    let reading = Reading { id: 7, bytes: vec![1, 2] };
    stdout().write_all(&rmp_serde::to_vec(&reading).unwrap()).unwrap();
    stdout().write_all(&rmp_serde::to_vec_named(&reading).unwrap()).unwrap();
}
END
cargo build --quiet 2>/dev/null || cannot_try "the crates from crates.io"
cat >ask.mjs <<'END'
import { readFileSync } from "node:fs";
import { decodeMulti } from "@msgpack/msgpack";

for (const value of decodeMulti(readFileSync(0))) console.log(JSON.stringify(value));
END
same '[7,[1,2]]
{"id":7,"bytes":[1,2]}' "$(./target/debug/ask | node ask.mjs)"
