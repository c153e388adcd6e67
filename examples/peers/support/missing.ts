/**
 * Examples of peers. Whether the software that an example talks with is here.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** Debian's Python, which has Debian's modules; another one where there is none. */
export const PYTHON: string =
  ["/usr/bin/python3"].find((path) => existsSync(path)) ?? "python3";
/** The library of JeroMQ: that of `JEROMQ_JAR`, or Debian's. */
export const JEROMQ_JAR: string = process.env.JEROMQ_JAR ??
  "/usr/share/java/jeromq.jar";
/** pmacct's collector of NetFlow, which is not on every user's path. */
export const NFACCTD = "/usr/sbin/nfacctd";
/** Where Debian has uWSGI's plugins. */
export const UWSGI_PLUGINS = "/usr/lib/uwsgi/plugins";
/** rsyslog's program, which is not on every user's path. */
export const RSYSLOGD = "/usr/sbin/rsyslogd";

const FIND =
  "import importlib.util as it, sys; sys.exit(not it.find_spec(sys.argv[1]))";

/** What an example needs, and whether that is here. */
interface Need {
  readonly what: string;
  isHere(): boolean;
}

const runs = (command: string, ...args: string[]) => () =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;
const file = (...paths: string[]) => () => paths.some((it) => existsSync(it));

const NEEDS: Readonly<Record<string, readonly Need[]>> = {
  czmq: [
    { what: "a C compiler", isHere: runs("cc", "--version") },
    { what: "libczmq-dev", isHere: file("/usr/include/czmq.h") },
  ],
  ffmpeg: [{
    what: "ffmpeg (with libzmq)",
    isHere: runs("ffmpeg", "-loglevel", "quiet", "-h", "filter=zmq"),
  }],
  gnuradio: [{
    what: "gnuradio",
    isHere: runs(PYTHON, "-c", FIND, "gnuradio.zeromq"),
  }],
  go_zeromq: [{ what: "go", isHere: runs("go", "version") }],
  jeromq: [
    { what: "a Java compiler (JDK)", isHere: runs("javac", "-version") },
    { what: "libjeromq-java", isHere: file(JEROMQ_JAR) },
  ],
  jupyter: ["ipykernel", "nbclient"].map((module) => ({
    what: `python3-${module}`,
    isHere: runs(PYTHON, "-c", FIND, module),
  })),
  locust: [{ what: "locust", isHere: runs("locust", "--version") }],
  monerod: [{ what: "monerod", isHere: runs("monerod", "--version") }],
  mongrel2: [
    { what: "mongrel2", isHere: file("/usr/bin/mongrel2") },
    { what: "m2sh", isHere: runs("m2sh", "version") },
  ],
  pmacct: [{ what: "nfacctd", isHere: file(NFACCTD) }],
  pushpin: [
    { what: "pushpin", isHere: runs("pushpin", "--version") },
    { what: "zurl", isHere: runs("zurl", "--version") },
  ],
  rsyslog: [
    { what: "rsyslogd", isHere: () => existsSync(RSYSLOGD) },
    {
      what: "rsyslog-czmq",
      isHere: file(
        ...["x86_64", "aarch64"].map((machine) =>
          `/usr/lib/${machine}-linux-gnu/rsyslog/omczmq.so`
        ),
        "/usr/lib/rsyslog/omczmq.so",
      ),
    },
  ],
  tango: [{
    what: "python3-tango",
    isHere: runs(PYTHON, "-c", FIND, "tango"),
  }],
  uwsgi: [{
    what: "uwsgi-core",
    isHere: file(`${UWSGI_PLUGINS}/emperor_zeromq_plugin.so`),
  }],
  zurl: [{ what: "zurl", isHere: runs("zurl", "--version") }],
};

/** The names of the examples. */
export const PEERS: readonly string[] = Object.keys(NEEDS);

/** What an example needs and cannot find, such as "java is missing"; `false` if it has all. */
export function missing(name: string): string | false {
  const absent = NEEDS[name]!.filter((need) => !need.isHere());
  if (absent.length === 0) return false;
  const verb = absent.length === 1 ? "is" : "are";
  return `${absent.map(({ what }) => what).join(" and ")} ${verb} missing`;
}
