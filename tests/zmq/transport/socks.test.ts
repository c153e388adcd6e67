// The client's side of SOCKS5 as a state machine: what it says, and what it
// makes of a proxy that answers in pieces, refuses, or is no proxy.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ipBytes } from "../../../src/zmq/transport/ip_bytes.ts";
import { SocksClient, SocksError } from "../../../src/zmq/transport/socks.ts";
import { test } from "../../support/harness.ts";
import { bytes } from "../../support/peers/zmtp_bytes.ts";
import { bytes as anyBytes, check, fc } from "../../support/property.ts";

const HERE = { host: "10.0.0.1", port: 5555, username: null, password: null };
const ME = { ...HERE, username: "me", password: "ö" };
const DONE = [5, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90];

/** What the client answers to each of these, fed whole or byte by byte. */
function talk(
  request: ConstructorParameters<typeof SocksClient>[0],
  isWhole: boolean,
  ...said: number[][]
): { client: SocksClient; answers: number[][] } {
  const client = new SocksClient(request);
  const answers = [[...client.open()]];
  for (const chunk of said) {
    for (const part of isWhole ? [chunk] : chunk.map((byte) => [byte])) {
      const answer = client.receive(bytes(...part));
      if (answer !== undefined) answers.push([...answer]);
    }
  }
  return { client, answers };
}

for (const isWhole of [true, false]) {
  const how = isWhole ? "at once" : "byte by byte";

  test(`without a user there is a greeting and a request (${how})`, () => {
    const { client, answers } = talk(HERE, isWhole, [5, 0], DONE);
    assertEquals(answers, [
      [5, 1, 0],
      [5, 1, 0, 1, 10, 0, 0, 1, 0x15, 0xb3],
    ]);
    assertEquals([client.isDone, client.rest.byteLength], [true, 0]);
  });

  test(`a proxy that asks gets the user name (${how})`, () => {
    const { client, answers } = talk(ME, isWhole, [5, 2], [1, 0], DONE);
    assertEquals(answers.slice(0, 2), [
      [5, 2, 0, 2],
      [1, 2, 109, 101, 2, 0xc3, 0xb6],
    ]);
    assertEquals([answers.length, client.isDone], [3, true]);
  });

  test(`a proxy that does not ask gets no password (${how})`, () => {
    const { client, answers } = talk(ME, isWhole, [5, 0], DONE);
    assertEquals([answers.length, client.isDone], [2, true]);
  });

  for (
    const [type, address] of [
      ["a name", [3, 3, 97, 98, 99]],
      ["an empty name", [3, 0]],
      ["an IPv6 address", [4, ...new Array(16).fill(1)]],
    ] as const
  ) {
    test(`the proxy may give its own address as ${type} (${how})`, () => {
      const reply = [5, 0, 0, ...address, 0, 80];
      const { client } = talk(HERE, isWhole, [5, 0], reply);
      assertEquals(client.isDone, true);
      assertEquals(
        talk(HERE, isWhole, [5, 0], reply.slice(0, -1)).client.isDone,
        false,
      );
    });
  }

  for (
    const [what, said, code] of [
      ["does not speak SOCKS5", [[72, 84]], "EPROTO"],
      ["speaks SOCKS4", [[0, 90]], "EPROTO"],
      ["takes no method", [[5, 255]], "EACCES"],
      ["wants a login that was not offered", [[5, 2]], "EPROTO"],
      ["wants GSSAPI", [[5, 1]], "EPROTO"],
      ["has failed", [[5, 0], [5, 1, 0, 1]], "ECONNABORTED"],
      ["does not allow it", [[5, 0], [5, 2]], "EACCES"],
      ["has no network", [[5, 0], [5, 3]], "ENETUNREACH"],
      ["cannot reach the host", [[5, 0], [5, 4]], "EHOSTUNREACH"],
      ["was refused", [[5, 0], [5, 5]], "ECONNREFUSED"],
      ["waited too long", [[5, 0], [5, 6]], "ETIMEDOUT"],
      ["cannot connect", [[5, 0], [5, 7]], "ENOTSUP"],
      ["does not know the address", [[5, 0], [5, 8]], "ENOTSUP"],
      ["has a code of its own", [[5, 0], [5, 77]], "EPROTO"],
      ["answers with another version", [[5, 0], [4, 0]], "EPROTO"],
      ["uses the reserved byte", [[5, 0], [5, 0, 1]], "EPROTO"],
      [
        "has an address of no known type",
        [[5, 0], [5, 0, 0, 2, 0]],
        "EPROTO",
      ],
    ] as const
  ) {
    test(`${code} if the proxy ${what} (${how})`, () => {
      const error = assertThrows(
        () => talk(HERE, isWhole, ...said.map((part) => [...part])),
        SocksError,
      );
      assertEquals(error.code, code);
    });
  }

  test(`EACCES if the proxy refuses the user (${how})`, () => {
    for (const status of [1, 255]) {
      const error = assertThrows(
        () => talk(ME, isWhole, [5, 2], [1, status]),
        SocksError,
      );
      assertEquals(error.code, "EACCES");
      assertEquals(error.message.includes("ö"), false);
    }
    const error = assertThrows(
      () => talk(ME, isWhole, [5, 2], [5, 0]),
      SocksError,
    );
    assertEquals(error.code, "EPROTO");
  });
}

test("a server that answers before the request is not a proxy", () => {
  for (const said of [[5, 0, 5, 0], [5, 0, 5]]) {
    assertThrows(() => talk(HERE, true, said), SocksError, "before");
  }
});

test("bytes after the last reply belong to the host", () => {
  const { client } = talk(HERE, true, [5, 0], [...DONE, 0xff, 1, 2]);
  assertEquals([client.isDone, [...client.rest]], [true, [0xff, 1, 2]]);
});

test("names are left to the proxy", () => {
  const host = "a.example";
  const { answers } = talk({ ...HERE, host }, true, [5, 0]);
  assertEquals(answers[1]!.slice(3), [
    3,
    9,
    ...bytes(host),
    0x15,
    0xb3,
  ]);
});

test("a request that SOCKS cannot express is refused", () => {
  for (const host of ["fe80::1%eth0", "x".repeat(256)]) {
    const error = assertThrows(
      () => new SocksClient({ ...HERE, host }),
      SocksError,
    );
    assertEquals(error.code, "EINVAL");
  }
});

for (
  const [text, expected] of [
    ["127.0.0.1", "7f000001"],
    ["255.255.255.255", "ffffffff"],
    ["::", "0".repeat(32)],
    ["::1", "0".repeat(31) + "1"],
    ["1::", "0001" + "0".repeat(28)],
    ["2001:db8::8:800:200c:417a", "20010db80000000000080800200c417a"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::ffff:10.0.0.2", "00000000000000000000ffff0a000002"],
    ["1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"],
    ["fe80::1%eth0", undefined],
    ["example", undefined],
    ["1.2.3", undefined],
    ["", undefined],
  ] as const
) {
  test(`"${text}" is ${expected === undefined ? "no IP address" : "an IP address"} as bytes`, () => {
    const got = ipBytes(text);
    assertEquals(
      got &&
        [...got].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      expected,
    );
  });
}

test("whatever a proxy sends, in any chunks, the client buffers little and fails cleanly", async () => {
  const valid = fc.constantFrom([5, 0], [5, 2], [1, 0], DONE);
  const said = fc.array(
    fc.oneof(valid.map((part) => bytes(...part)), anyBytes(20)),
  );
  await check(
    fc.property(said, fc.boolean(), (chunks, hasUser) => {
      const client = new SocksClient(hasUser ? ME : HERE);
      try {
        for (const chunk of chunks) {
          if (client.isDone) return;
          client.receive(chunk);
          assert(client.isDone || client.rest.byteLength < 262);
        }
      } catch (error) {
        assert(error instanceof SocksError, String(error));
      }
    }),
    500,
  );
});
