/**
 * Test support. Hosts that are network namespaces of Linux, each with a cable to
 * one switch, which is a bridge in a namespace of its own:
 *
 *     NET.0.254   this process: clients
 *     NET.0.253   the same: the database
 *     NET.0.n     a host or a router
 *     NET.n.2     the host behind the router n
 *
 * It needs root, `ip` and `nft`.
 *
 * @module
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const SLOW_LINK = fileURLToPath(new URL("slow_link.py", import.meta.url));

/** How addresses begin: another process may have hosts at the same time. */
export const NET = `10.${128 + process.pid % 100}`;
/** Where clients are. */
export const CLIENT_IP = `${NET}.0.254`;
/** Where the database is. */
export const DATABASE_IP = `${NET}.0.253`;

/** Why there are no hosts here; `false` where there are. */
export const noHosts: string | false = whyNoHosts();

function whyNoHosts(): string | false {
  if (process.platform !== "linux") return "only Linux has network namespaces";
  if (process.getuid!() !== 0) return "network namespaces need root";
  const missing = ["ip", "nft"].find(isMissing);
  if (missing !== undefined) return `${missing} is missing`;
  const name = `az${process.pid}-trial`;
  try {
    for (const what of ["add", "del"]) {
      execFileSync("ip", ["netns", what, name]);
    }
    return false;
  } catch (error) {
    return `network namespaces cannot be made: ${(error as Error).message}`;
  }
}

function isMissing(command: string): boolean {
  return !(process.env.PATH ?? "").split(delimiter)
    .some((dir) => existsSync(join(dir, command)));
}

/** One host. */
export class Host {
  readonly #namespace: string;
  /** The other end of its cable, at the switch or its router. */
  readonly #plug: { readonly namespace: string; readonly link: string };
  ip: string;

  constructor(
    namespace: string,
    ip: string,
    plug: { readonly namespace: string; readonly link: string },
  ) {
    this.#namespace = namespace;
    this.ip = ip;
    this.#plug = plug;
  }

  /** What runs a program there. */
  get prefix(): string[] {
    return ["ip", "netns", "exec", this.#namespace];
  }

  /** Cuts its cable. */
  cut(): Promise<void> {
    return this.#setPlug("down");
  }

  /** Mends its cable. */
  mend(): Promise<void> {
    return this.#setPlug("up");
  }

  /** Drops what arrives from other hosts, all of them by default. */
  async deafen(...from: string[]): Promise<void> {
    const source = from.length > 0 ? `ip saddr { ${from} }` : 'iifname "eth0"';
    await this.run("nft", "add", "table", "inet", "deaf");
    const chain = "{ type filter hook input priority 0 ; }";
    await this.run("nft", `add chain inet deaf input ${chain}`);
    await this.run("nft", `add rule inet deaf input ${source} drop`);
  }

  /** Drops it no longer. */
  async receiveAgain(): Promise<void> {
    await this.run("nft", "delete", "table", "inet", "deaf");
  }

  /** Gives it another address. */
  async move(ip: string): Promise<void> {
    await this.#ip(`addr del ${this.ip}/24 dev eth0`);
    await this.#ip(`addr add ${ip}/24 dev eth0`);
    this.ip = ip;
  }

  /** Sets the largest packet, at both ends of its cable. */
  async setMtu(bytes: number): Promise<void> {
    const { namespace, link } = this.#plug;
    await this.#ip(`link set eth0 mtu ${bytes}`);
    await ip(`-n ${namespace} link set ${link} mtu ${bytes}`);
  }

  /** Runs a command there. */
  async run(...command: string[]): Promise<void> {
    const [first, ...rest] = [...this.prefix, ...command];
    await execute(first!, rest);
  }

  async #setPlug(state: "up" | "down"): Promise<void> {
    const { namespace, link } = this.#plug;
    await ip(`-n ${namespace} link set ${link} ${state}`);
  }

  #ip(words: string): Promise<void> {
    return ip(`-n ${this.#namespace} ${words}`);
  }
}

let count = 0;

/** The switch, and all hosts. */
export class Network implements AsyncDisposable {
  /** Never used again; it is the name of an interface, too, which has 15 characters at most. */
  readonly #name = `az${process.pid}x${count++}`;
  readonly #namespaces: string[] = [];
  readonly #hosts: Host[] = [];
  readonly #ending: (() => unknown)[] = [];

  private constructor() {}

  /** Makes the switch, and connects this process to it. */
  static async create(): Promise<Network> {
    const network = new Network();
    const { switchName } = network;
    const own = network.#name;
    await network.#addNamespace(switchName);
    await ip(`-n ${switchName} link add bridge type bridge`);
    await ip(`-n ${switchName} link set bridge up`);
    await ip(`link add ${own} type veth peer name own netns ${switchName}`);
    await ip(`-n ${switchName} link set own master bridge up`);
    for (const address of [CLIENT_IP, DATABASE_IP]) {
      await ip(`addr add ${address}/24 dev ${own}`);
    }
    await ip(`link set ${own} up`);
    return network;
  }

  /** The namespace of the switch. */
  get switchName(): string {
    return `${this.#name}-switch`;
  }

  /** Adds a host. @param n The last number of its address. */
  async addHost(n: number): Promise<Host> {
    const namespace = `${this.#name}-${n}`;
    const link = `port${n}`;
    await this.#addNamespace(namespace);
    await this.#plugIn(namespace, "eth0", this.switchName, link);
    await ip(`-n ${this.switchName} link set ${link} master bridge`);
    const host = new Host(namespace, `${NET}.0.${n}`, {
      namespace: this.switchName,
      link,
    });
    await ip(`-n ${namespace} addr add ${host.ip}/24 dev eth0`);
    this.#hosts.push(host);
    return host;
  }

  /** Adds a host that nothing can connect to, behind a router that masquerades. */
  async addHostBehindNat(n: number): Promise<Host> {
    const { router, host } = await this.#addBehindRouter(n);
    await router.run("nft", "add table ip nat");
    const chain = "{ type nat hook postrouting priority 100 ; }";
    await router.run("nft", `add chain ip nat out ${chain}`);
    await router.run("nft", 'add rule ip nat out oifname "eth0" masquerade');
    return host;
  }

  /** Adds a host whose packets are late and get lost, in each direction. */
  async addHostFarAway(
    n: number,
    { delayMs, lossPercent }: {
      readonly delayMs: number;
      readonly lossPercent: number;
    },
  ): Promise<Host> {
    const { router, host } = await this.#addBehindRouter(n);
    const back = `route add ${NET}.${n}.0/24 via ${router.ip}`;
    for (const other of this.#hosts) {
      if (other !== router) await other.run("ip", ...back.split(" "));
    }
    await ip(back);
    const [first, ...rest] = [...router.prefix, "python3", SLOW_LINK];
    const link = spawn(first!, [...rest, `${delayMs}`, `${lossPercent}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#ending.push(() => link.kill("SIGKILL"));
    await once(link.stdout, "data");
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ending) end();
    for (const name of this.#namespaces) await ip(`netns del ${name}`);
  }

  async #addBehindRouter(n: number): Promise<{ router: Host; host: Host }> {
    const router = await this.addHost(n);
    await router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    const [outer, inner] = [`${this.#name}-${n}`, `${this.#name}-${n}-inner`];
    await this.#addNamespace(inner);
    await this.#plugIn(inner, "eth0", outer, "eth1");
    await ip(`-n ${outer} addr add ${NET}.${n}.1/24 dev eth1`);
    const host = new Host(inner, `${NET}.${n}.2`, {
      namespace: outer,
      link: "eth1",
    });
    await ip(`-n ${inner} addr add ${host.ip}/24 dev eth0`);
    await ip(`-n ${inner} route add default via ${NET}.${n}.1`);
    return { router, host };
  }

  async #addNamespace(name: string): Promise<void> {
    await ip(`netns add ${name}`);
    this.#namespaces.push(name);
    await ip(`-n ${name} link set lo up`);
  }

  /** Lays a cable between two namespaces. */
  async #plugIn(
    a: string,
    linkA: string,
    b: string,
    linkB: string,
  ): Promise<void> {
    const both = `type veth peer name ${linkB} netns ${b}`;
    await ip(`-n ${a} link add ${linkA} ${both}`);
    await ip(`-n ${a} link set ${linkA} up`);
    await ip(`-n ${b} link set ${linkB} up`);
  }
}

async function ip(words: string): Promise<void> {
  await execute("ip", words.split(" "));
}
