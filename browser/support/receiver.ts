// A program that receives webhooks, and believes what the official library of the specification believes.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { Webhook } from "standardwebhooks";

/** An event that was verified. */
export interface Verified {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export class Receiver {
  /** What was verified, in the order in which it came; repeats too. */
  readonly taken: Verified[] = [];
  /** Why requests were not believed. */
  readonly refused: string[] = [];
  /** What the receiver is told to answer in place of 204. */
  status = 204;
  /** The secret, as the desk shows it once. */
  secret = "";

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.statusCode = receiver.take(Buffer.concat(chunks).toString(), request.headers as Record<string, string>);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/in`;
  }

  private take(body: string, headers: Record<string, string>): number {
    if (this.status !== 204) return this.status;
    try {
      const { type, data } = new Webhook(this.secret).verify(body, headers) as { type: string; data: Record<string, unknown> };
      this.taken.push({ id: headers["webhook-id"] ?? "", type, data });
      return 204;
    } catch (error) {
      this.refused.push(String(error));
      return 401;
    }
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
