// Tells Acme's story once. Every desk of the tests begins as a copy of it.

import { rm } from "node:fs/promises";

import { Server, type SignIn } from "./server.ts";

const VARIABLE = "TENURE_TEST_STORY";

interface Story {
  readonly folder: string;
  readonly signIns: readonly SignIn[];
}

/** Before all tests; what is handed back runs after them. */
export default async function setup(): Promise<() => Promise<void>> {
  const desk = await Server.start();
  await desk.leave();
  const story: Story = { folder: desk.dataFolder, signIns: desk.signIns };
  process.env[VARIABLE] = JSON.stringify(story);
  return () => rm(desk.dataFolder, { recursive: true, force: true });
}

/** A desk of its own, with the story as it was told. */
export function startStory(): Promise<Server> {
  const { folder, signIns } = JSON.parse(process.env[VARIABLE] ?? "{}") as Story;
  return Server.startCopy(folder, signIns);
}
