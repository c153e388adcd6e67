/**
 * Benchmark peers. `sendSafe` and `recvSafe` of a SocketManager, as PUSH→PULL.
 *
 * @module
 */
import { JSONSerializer, MSGPACK, SocketManager, zmq } from "../../../mod.ts";
import { answer, type Arguments, type Scene } from "../support.ts";

/** A small object, as a job might be. */
const JOB = { job: "resize", width: 640, height: 480, name: "cat.png" };

/**
 * `manager_pull`, `manager_push`, `format_alone` and `job_size`, each with
 * `format=json|msgpack`.
 */
export function managerScenes(): Record<string, Scene> {
  const formatOf = (args: Arguments) =>
    args.text("format") === "json" ? new JSONSerializer() : new MSGPACK();
  const create = (args: Arguments) =>
    new SocketManager({ serializationBackend: formatOf(args) });
  return {
    async manager_pull(args) {
      const sockets = create(args);
      const { lastEndpoint } = await sockets.ensureAndBind(
        "in",
        zmq.PULL,
        args.text("bind"),
      );
      answer({ endpoint: lastEndpoint });
      const receive = async (count: number) => {
        for (let left = count; left > 0; left--) await sockets.recvSafe("in");
      };
      const [warm, count] = [args.number("warm"), args.number("count")];
      await receive(warm);
      const start = performance.now();
      await receive(count - warm);
      answer({ ms: performance.now() - start });
      await sockets.closeAll();
    },
    async manager_push(args) {
      const sockets = create(args);
      await sockets.ensureAndConnect("out", zmq.PUSH, args.text("connect"));
      for (let left = args.number("count"); left > 0; left--) {
        await sockets.sendSafe("out", JOB);
      }
      await sockets.closeAll();
    },
    /** The larger of the times to write all messages and to read them. */
    format_alone(args) {
      const format = formatOf(args);
      const [warm, count] = [args.number("warm"), args.number("count")];
      const packed = format.pack(JOB);
      const timed = (work: () => unknown) => {
        for (let left = warm; left > 0; left--) work();
        const start = performance.now();
        for (let left = count - warm; left > 0; left--) work();
        return performance.now() - start;
      };
      const packing = timed(() => format.pack(JOB));
      answer({ ms: Math.max(packing, timed(() => format.unpack(packed))) });
      return Promise.resolve();
    },
    job_size(args) {
      answer({ size: formatOf(args).pack(JOB).byteLength });
      return Promise.resolve();
    },
  };
}
