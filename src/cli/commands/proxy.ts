/**
 * Layer: cli. `agentzero proxy`: one of the three classic devices.
 *
 * @module
 */
import { aborted } from "../../async/pending_call.ts";
import type { Command } from "commander";
import {
  forwarder,
  type Proxy,
  Publisher,
  queue,
  streamer,
} from "../../zmq/mod.ts";
import { argumentOf, describe } from "../command.ts";
import { addServerKeys, type ServerKeyFlags, serverKeys } from "../keys.ts";
import { curveServer } from "../curve.ts";
import type { Shell } from "../shell.ts";
import { untilEnd } from "../signals.ts";

interface Flags extends ServerKeyFlags {
  readonly front: string;
  readonly back: string;
  readonly capture?: string;
}

const DEVICES = { queue, forwarder, streamer };

/** The command. */
export function proxyCommand(command: Command, shell: Shell): Command {
  describe(command, {
    details: `Forwards messages until Ctrl-C or SIGTERM:

  queue      REQ and DEALER at the front, REP and ROUTER at the back
  forwarder  publishers at the front, subscribers at the back
  streamer   PUSH at the front, PULL at the back

With --keys, both ends accept clients that have their public key only.`,
    examples: [
      "proxy queue --front tcp://127.0.0.1:5555 --back tcp://127.0.0.1:5556",
      "proxy forwarder --front 'tcp://*:5557' --back 'tcp://*:5558' --capture tcp://127.0.0.1:5559",
    ],
  })
    .requiredOption("--front <address>", "bind the front end here")
    .requiredOption("--back <address>", "bind the back end here")
    .option(
      "--capture <address>",
      "publish a copy of every message at this address, from a PUB",
    );
  argumentOf(command, "device").choices(Object.keys(DEVICES));
  return addServerKeys(command).action(
    (device: keyof typeof DEVICES, flags: Flags) =>
      runDevice(shell, device, flags),
  );
}

async function runDevice(
  shell: Shell,
  name: keyof typeof DEVICES,
  flags: Flags,
): Promise<void> {
  const curve = curveServer(await serverKeys(flags));
  shell.stopWaiting(); // a proxy does not depend on readers of its output
  await untilEnd(async (signal) => {
    const capture = flags.capture === undefined
      ? undefined
      : new Publisher(curve);
    try {
      if (capture !== undefined) await capture.bind(flags.capture!);
      const device: Proxy = await DEVICES[name](flags.front, flags.back, {
        frontEnd: curve,
        backEnd: curve,
        capture,
      });
      const facts = {
        front: device.frontEnd.lastEndpoint,
        back: device.backEnd.lastEndpoint,
        ...capture && { capture: capture.lastEndpoint },
      };
      const lines = Object.entries(facts)
        .map(([what, address]) => `  ${what.padEnd(9)} ${address}`);
      await shell.print(
        [`${name} is up`, ...lines].join("\n"),
        { event: "listening", device: name, ...facts },
      );
      await Promise.race([aborted(signal), device.run()]);
      await device.close();
    } finally {
      await capture?.close();
    }
  });
  await shell.print(`${name} is closed`, { event: "closed", device: name });
}
