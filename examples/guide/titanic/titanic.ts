/**
 * Example: titanic. The Titanic service (RFC 9): three workers of a broker, which
 * accept requests that are executed later, and hand out their replies. To clients
 * it is a worker, to workers it is a client.
 *
 * "200" to a request means that it is on the disk.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";
import { MajordomoWorker } from "../majordomo/worker.ts";
import { Dispatcher } from "./dispatcher.ts";
import { SERVICES, STATUS } from "./protocol.ts";
import type { RequestStore } from "./request_store.ts";

type Answer = readonly zmq.MessageLike[];

/**
 * Offers the three services until the signal is aborted.
 *
 * @param address The broker's.
 * @param onReplayed Called with the number of requests left from an earlier run.
 */
export async function runTitanic(
  address: string,
  store: RequestStore,
  signal: AbortSignal,
  onReplayed: (count: number) => void = () => {},
): Promise<void> {
  const dispatcher = new Dispatcher(address, store, signal);
  const pending = await store.pending();
  for (const request of pending) dispatcher.add(request);
  onReplayed(pending.length);

  const services: [string, (body: zmq.Message) => Promise<Answer>][] = [
    [SERVICES.request, async ([service, ...body]) => {
      if (body.length === 0) return [STATUS.unknown];
      const request = await store.add(`${service}`, body);
      dispatcher.add(request);
      return [STATUS.ok, request.id];
    }],
    [SERVICES.reply, async ([id]) => {
      const reply = await store.reply(`${id}`);
      if (reply) return [STATUS.ok, ...reply];
      const request = await store.body(`${id}`);
      return [request ? STATUS.pending : STATUS.unknown];
    }],
    [SERVICES.close, async ([id]) => {
      await store.remove(`${id}`);
      return [STATUS.ok];
    }],
  ];
  await Promise.all(services.map(([name, answer]) => {
    const work = async (body: zmq.Message): Promise<Answer> => {
      try {
        return await answer(body);
      } catch (error: unknown) {
        console.error(`${name} failed:`, error);
        return [STATUS.error];
      }
    };
    return new MajordomoWorker(address, name, work).run(signal);
  }));
  await dispatcher.ended();
}
