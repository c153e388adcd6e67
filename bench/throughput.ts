/**
 * PUSH→PULL throughput: two processes, TCP on loopback, default high-water
 * marks. This engine on each runtime against npm:zeromq on Node, in the same
 * run: the contenders take turns, and each round gives one ratio.
 *
 *     npm run bench -- [--rounds=5] [--seconds=1] [--sizes=10,1024]
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpus } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bun, deno, node } from "../scripts/runtimes.mjs";

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const option = (name: string, fallback: string) =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ??
    fallback;

const rounds = Number(option("rounds", "5"));
const seconds = Number(option("seconds", "1"));
const sizes = option("sizes", "10,1024").split(",").map(Number);

const engine = here("./peers/engine.ts");
const denoFlags = ["run", "--no-check", "--allow-net", "--allow-read"];
const contenders: Contender[] = [
  contender("npm:zeromq on Node", node(), [here("./peers/zeromq_js.mjs")]),
  contender("agentzero on Node", node(), ["--import", "tsx", engine]),
  contender("agentzero on Deno", deno(), [...denoFlags, engine]),
  contender("agentzero on Bun", bun(), ["run", engine]),
];
const reference = contenders[0]!;

console.log(
  `${cpus().length} × ${
    cpus()[0]?.model.trim()
  }, ${process.platform} ${process.arch}; ` +
    `${rounds} rounds, median [min – max]\n`,
);
for (const size of sizes) {
  const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  const counts = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      const count = counts.get(contender.name) ?? 50_000;
      const rate = await measure(contender, count, size);
      // Round 0 warms up, and tells how many messages fill the time.
      if (round === 0) {
        counts.set(contender.name, Math.ceil(rate * seconds));
      } else rates.get(contender.name)!.push(rate);
    }
  }
  report(size, rates);
}

function contender(
  name: string,
  { cmd, args }: { cmd: string; args: string[] },
  more: string[],
): Contender {
  return { name, command: [cmd, ...args, ...more] };
}

/** Messages per second from the first that arrives to the last. */
async function measure(
  { command }: Contender,
  count: number,
  size: number,
): Promise<number> {
  const pull = start(command, "pull", count);
  const answers = createInterface({ input: pull.stdout! })
    [Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await answers.next();
    if (done) throw new Error(`${command.join(" ")} ended without an answer`);
    return JSON.parse(value);
  };
  const { endpoint } = await next();
  const push = start(command, "push", count, size, endpoint);
  const { ms } = await next();
  await Promise.all([ended(push), ended(pull)]);
  return (count - 1) / ms * 1000;
}

function start(
  [command, ...args]: readonly string[],
  ...more: (string | number)[]
): ChildProcess {
  return spawn(command!, [...args, ...more.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (code: number | null) =>
      code === 0 ? resolve() : reject(new Error(`a peer exited with ${code}`));
    if (child.exitCode !== null) check(child.exitCode);
    else child.once("exit", check);
  });
}

function report(size: number, rates: Map<string, number[]>): void {
  const base = rates.get(reference.name)!;
  console.log(
    `| ${size} B messages | per second | against ${reference.name} |`,
  );
  console.log("|---|---:|---:|");
  for (const [name, own] of rates) {
    const ratios = own.map((rate, round) => rate / base[round]!);
    console.log(
      `| ${name} | ${
        spread(own, (n) => Math.round(n).toLocaleString("en"))
      } | ${spread(ratios, (n) => n.toFixed(1) + "×")} |`,
    );
  }
  console.log();
}

function spread(values: number[], show: (n: number) => string): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  return `${show(median)} [${show(sorted[0]!)} – ${show(sorted.at(-1)!)}]`;
}
