// One at a time: two scripts that are started at once must not install the same things at once.
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./places.mjs";
import { say } from "./progress.mjs";

/**
 * Does the work while no other script of this clone does. The lock is a socket in Linux's abstract namespace (unix(7)),
 * which the kernel gives back when its process ends, however it ends.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(work) {
  const name = `\0process-memory-${createHash("sha1").update(ROOT).digest("hex")}`;
  let lock = await listen(name);
  if (lock === null) say("• Waiting for another npm start or npm test of this clone to finish its installation …");
  while (lock === null) {
    await sleep(500);
    lock = await listen(name);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * @param {string} name
 * @returns {Promise<import("node:net").Server | null>} `null`: somebody else has it
 */
function listen(name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}
