/**
 * Benchmarks. PUSH→PULL over tcp with CURVE.
 *
 * @module
 */
import { curveKeyPair } from "../../src/zmq/mod.ts";
import { ANY_PORT, oneWay, type Row } from "../lib/row.ts";
import { table } from "../lib/table.ts";
import { columns } from "./throughput.ts";

/** A row. */
export const curve: Row = {
  name: "curve",
  async run(stage) {
    const { rounds, field } = stage;
    const [server, client] = [curveKeyPair(), curveKeyPair()];
    const keys = [{ server_secret: server.secretKey }, {
      server_key: server.publicKey,
      public: client.publicKey,
      secret: client.secretKey,
    }] as const;
    const tables = [];
    for (const size of rounds.effort.isShort ? [64] : [64, 1024, 65536]) {
      const samples = await rounds.rates(
        `CURVE over tcp, ${size} B`,
        [...field.engines, field.zeromqJs, field.pyzmq, field.c],
        2000,
        (contender, count) =>
          oneWay(contender, ["pull", "push"], ANY_PORT, { count, size }, keys),
      );
      tables.push({
        title: `${size} B`,
        table: table("", samples, columns(stage)),
      });
    }
    return {
      title: "CURVE",
      text:
        "PUSH→PULL over tcp, encrypted: messages per second that arrive, with the " +
        "default high-water marks.",
      tables,
    };
  },
};
