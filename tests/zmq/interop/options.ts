/**
 * Interoperability. Options that the peer notices: what a manual XPUB sends,
 * messages that the engine makes, ids that are no text, proxies.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type * as zmq from "../../../src/zmq/mod.ts";
import { test } from "../../support/harness.ts";
import type { Peer } from "../../support/peers/peer.ts";
import { socksServer } from "../../support/socks_server.ts";
import { link, Ours, shown } from "./party.ts";

/** Declares the tests. */
export function options(peer: Peer, name: string): void {
  test(`${name}'s SUB gets only what our manual XPUB subscribes it to`, async (t) => {
    const [our, their] = await link(t, peer, "XPUB", "SUB", {
      ours: { manual: true },
      theirs: { reconnectInterval: 1 },
    });
    const xpub = our.socket as unknown as zmq.XPublisher;
    await their.subscribe("");
    assertEquals([...(await our.receive())[0]!], [1]);
    await our.send("nothing is allowed yet");
    xpub.subscribe("a");
    await our.send("b, which is not allowed");
    await our.send("a 1");
    assertEquals(shown(await their.receive()), ["a 1"]);
    xpub.subscribe("b");
    xpub.unsubscribe("a");
    await our.send("a 2");
    await our.send("b 1");
    assertEquals(shown(await their.receive()), ["b 1"]);
    await their.unsubscribe("");
    assertEquals([...(await our.receive())[0]!], [0]);
    await their.subscribe("b");
    assertEquals(String((await our.receive())[0]), "\x01b");
    await their.close();
    assertEquals(String((await our.receive())[0]), "\x00b");
  });

  test(`${name}'s DEALER is greeted by our ROUTER, which is notified when it connects and disconnects`, async (t) => {
    const [our, their] = await link(t, peer, "ROUTER", "DEALER", {
      ours: {
        helloMessage: "hello",
        disconnectMessage: "gone",
        routerNotify: ["connect", "disconnect"],
      },
      theirs: { routingId: "d" },
    });
    assertEquals(shown(await their.receive()), ["hello"]);
    assertEquals(shown(await our.receive()), ["d", ""]);
    await their.send("x");
    assertEquals(shown(await our.receive()), ["d", "x"]);
    await their.close();
    assertEquals(shown(await our.receive()), ["d", ""]);
    assertEquals(shown(await our.receive()), ["d", "gone"]);
  });

  test(`our DEALER with a binary routing id sends ${name}'s ROUTER its hello, and gets a hiccup message when it disconnects`, async (t) => {
    const routingId = Uint8Array.of(0xff, 0x80, 0);
    const [our, their] = await link(t, peer, "DEALER", "ROUTER", {
      binds: "theirs",
      ours: { routingId, helloMessage: "hello", hiccupMessage: "hiccup" },
    });
    const [id, hello] = await their.receive();
    assertEquals([...id!], [...routingId]);
    assertEquals(shown([hello!]), ["hello"]);
    await their.send(routingId, "answer");
    assertEquals(shown(await our.receive()), ["answer"]);
    await their.close();
    assertEquals(shown(await our.receive()), ["hiccup"]);
  });

  test(`our PUSH reaches ${name}'s PULL through a SOCKS5 proxy`, async (t) => {
    const proxy = await socksServer(t, { login: ["me", "secret"] });
    const their = await peer.open(t, "PULL");
    const our = t.use(
      new Ours("PUSH", {
        socksProxy: proxy.address,
        socksUsername: "me",
        socksPassword: "secret",
      }),
    );
    our.connect(await their.bind("tcp://127.0.0.1:*"));
    await our.send("x");
    assertEquals(shown(await their.receive()), ["x"]);
    assertEquals(proxy.requests.length, 1);
  });
}
