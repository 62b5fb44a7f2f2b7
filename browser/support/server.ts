// Starts the real binary on a free port with a data folder of its own, and ends it by its process id.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The debug binary that the other tests use too, unless TENURE_BIN names another. */
const BINARY = process.env["TENURE_BIN"] ?? fileURLToPath(new URL("../../target/debug/tenure", import.meta.url));
const START_LIMIT_MS = 30_000;
/** How much longer it may take for each person of a crowd. */
const PERSON_LIMIT_MS = 20;
const STOP_LIMIT_MS = 5_000;

/** One way to sign in, as `tenure demo --json` prints it. */
export interface SignIn {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** A customer signs in to the portal, everybody else at the desk. */
  readonly role: "owner" | "administrator" | "member" | "customer";
}

/** The line that a server prints with `--json` when it answers; `demo` adds how to sign in. */
interface Ready {
  readonly url: string;
  readonly sign_ins?: readonly SignIn[];
}

/** A running server. It is made by `start`, and ended by `stop`. */
export class Server {
  readonly url: string;
  readonly signIns: readonly SignIn[];
  readonly dataFolder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, dataFolder: string, ready: Ready) {
    this.#process = process;
    this.dataFolder = dataFolder;
    this.url = ready.url;
    this.signIns = ready.sign_ins ?? [];
  }

  /** Starts `tenure demo` with fresh data; `users` asks for a workspace of that size. */
  static async start(users?: number): Promise<Server> {
    const size = users === undefined ? [] : ["--users", String(users)];
    return Server.#run(async () => ({ args: ["demo", "--fresh", "--port", "0", ...size], signIns: undefined }), users);
  }

  /** Starts `tenure demo` on a copy of data that another one made and left: in a fraction of the time. */
  static async startCopy(folder: string, signIns: readonly SignIn[]): Promise<Server> {
    return Server.#run(async (dataFolder) => {
      await cp(folder, dataFolder, { recursive: true });
      return { args: ["demo", "--port", "0"], signIns };
    });
  }

  /** Starts `tenure serve` on a workspace that has its owner alone, begun as an operator begins one. */
  static async startEmpty(): Promise<Server> {
    const owner: SignIn = { name: "Olivia Brandt", email: "olivia@acme.example", password: "seven calm rivers meet", role: "owner" };
    let link = "";
    const server = await Server.#run(async (dataFolder) => {
      const asked = ["workspace", "create", "Acme", "--owner", owner.email, "--owner-name", owner.name, "--licenses", "10"];
      const { stdout } = await promisify(execFile)(BINARY, [...asked, "--data", dataFolder, "--json"]);
      link = (JSON.parse(stdout) as { link: string }).link;
      return { args: ["serve", "--listen", "127.0.0.1:0"], signIns: [owner] };
    });
    const answer = await fetch(new URL(new URL(link).pathname, server.url), {
      method: "POST",
      body: new URLSearchParams({ password: owner.password }),
      headers: { origin: server.url },
      redirect: "manual",
    });
    if (answer.status === 303) return server;
    await server.stop();
    throw new Error(`the owner's link answered ${answer.status}`);
  }

  static async #run(prepare: (dataFolder: string) => Promise<{ args: string[]; signIns: readonly SignIn[] | undefined }>, users = 0): Promise<Server> {
    const dataFolder = await mkdtemp(join(tmpdir(), "tenure-browser-"));
    let child: ChildProcess | undefined;
    try {
      const { args, signIns } = await prepare(dataFolder);
      child = spawn(BINARY, [...args, "--data", dataFolder, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
      const line = await ready(child, START_LIMIT_MS + users * PERSON_LIMIT_MS);
      return new Server(child, dataFolder, { url: line.url, sign_ins: signIns ?? line.sign_ins ?? [] });
    } catch (error) {
      if (child !== undefined) await stop(child);
      await rm(dataFolder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The first sign-in with this role. */
  signIn(role: SignIn["role"]): SignIn {
    const found = this.signIns.find((candidate) => candidate.role === role);
    if (found === undefined) throw new Error(`the demo has no sign-in with the role ${role}`);
    return found;
  }

  /** Ends the server and keeps its data. */
  async leave(): Promise<void> {
    await stop(this.#process);
  }

  /** Ends the server and removes its data. */
  async stop(): Promise<void> {
    await this.leave();
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

/** Waits for the server's line; whatever else happens first is an error that carries its log. */
async function ready(child: ChildProcess, limitMs: number): Promise<Ready> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the server has no output to read");
  let log = "";
  // Read to the end of its life: a full pipe would stop the server.
  stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)));
  const limit = AbortSignal.timeout(limitMs);
  const line = new Promise<string>((resolve, reject) => {
    createInterface(stdout).once("line", resolve).resume();
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
    limit.addEventListener("abort", () => reject(new Error(`no line within ${limitMs} ms`)));
  });
  try {
    return parseReady(await line);
  } catch (error) {
    throw new Error(`${BINARY} did not start: ${String(error)}\n${log}`, { cause: error });
  }
}

function parseReady(line: string): Ready {
  const value = JSON.parse(line) as Partial<Ready>;
  if (typeof value.url !== "string") {
    throw new Error(`unexpected line: ${line}`);
  }
  return value as Ready;
}

async function stop(child: ChildProcess): Promise<void> {
  // Without a process id it never started; with an exit it is gone already.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}
