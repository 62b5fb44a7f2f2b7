// Starts the real binary on a free port with a data folder of its own, and ends it by its process id.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The debug binary that the other tests use too, unless TENURE_BIN names another. */
const BINARY = process.env["TENURE_BIN"] ?? fileURLToPath(new URL("../../target/debug/tenure", import.meta.url));
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;

/** One way to sign in, as `tenure demo --json` prints it. */
export interface SignIn {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly role: "owner" | "administrator" | "member";
}

/** The line that `tenure demo --json` prints when it answers. */
interface Ready {
  readonly url: string;
  readonly sign_ins: readonly SignIn[];
}

/** A running server. */
export class Server {
  readonly url: string;
  readonly signIns: readonly SignIn[];
  readonly dataFolder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, dataFolder: string, ready: Ready) {
    this.#process = process;
    this.dataFolder = dataFolder;
    this.url = ready.url;
    this.signIns = ready.sign_ins;
  }

  /** Starts `tenure demo` with fresh data; `users` asks for a workspace of that size. */
  static async start(users?: number): Promise<Server> {
    const dataFolder = await mkdtemp(join(tmpdir(), "tenure-browser-"));
    const size = users === undefined ? [] : ["--users", String(users)];
    const child = spawn(
      BINARY,
      ["demo", "--fresh", "--port", "0", "--data", dataFolder, "--json", ...size],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    try {
      return new Server(child, dataFolder, await ready(child));
    } catch (error) {
      await stop(child);
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

  /** Ends the server and removes its data. */
  async stop(): Promise<void> {
    await stop(this.#process);
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

/** Waits for the server's line; whatever else happens first is an error that carries its log. */
async function ready(child: ChildProcess): Promise<Ready> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the server has no output to read");
  let log = "";
  // Read to the end of its life: a full pipe would stop the server.
  stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)));
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  const line = new Promise<string>((resolve, reject) => {
    createInterface(stdout).once("line", resolve).resume();
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
    limit.addEventListener("abort", () => reject(new Error(`no line within ${START_LIMIT_MS} ms`)));
  });
  try {
    return parseReady(await line);
  } catch (error) {
    throw new Error(`${BINARY} demo did not start: ${String(error)}\n${log}`, { cause: error });
  }
}

function parseReady(line: string): Ready {
  const value = JSON.parse(line) as Partial<Ready>;
  if (typeof value.url !== "string" || !Array.isArray(value.sign_ins)) {
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
