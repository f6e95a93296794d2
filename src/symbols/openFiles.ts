import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { FileBytes } from "./bytes.ts";

/**
 * Opens the regular files of a path one by one: the one below a root directory where there is another one than this
 * process's own, and the one on this machine. The receiver closes them.
 * @param root of a target in a container, `/proc/PID/root` say
 */
export function* openFiles(path: string, root: string | null): Generator<FileBytes> {
  for (const place of root === null ? [path] : [resolveBelow(root, path), path]) {
    const file = place === null ? null : openRegular(place);
    if (file !== null) yield file;
  }
}

/** Opening a FIFO could wait and opening a device do something. `null` for these and for what is not there. */
function openRegular(path: string): FileBytes | null {
  let descriptor: number | null = null;
  try {
    if (!statSync(path).isFile()) return null;
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    // Another file may have got the name meanwhile.
    if (fstatSync(descriptor).isFile()) return new FileBytes(descriptor);
  } catch {
    // Not there, or not for us.
  }
  if (descriptor !== null) closeSync(descriptor);
  return null;
}

/**
 * Where a path leads for who has another root directory. The kernel would follow absolute symbolic links from this
 * process's own root. `null` where it leads nowhere.
 */
function resolveBelow(root: string, path: string): string | null {
  const rest = path.split("/").reverse();
  let resolved: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const name = rest.pop();
    if (!name || name === ".") continue;
    if (name === "..") {
      resolved.pop();
      continue;
    }
    const place = join(root, ...resolved, name);
    try {
      if (!lstatSync(place).isSymbolicLink()) {
        resolved.push(name);
        continue;
      }
      if (++links > MOST_LINKS) return null;
      const target = readlinkSync(place);
      if (target.startsWith("/")) resolved = [];
      rest.push(...target.split("/").reverse());
    } catch {
      return null;
    }
  }
  return join(root, ...resolved);
}

/** As the kernel. @see path_resolution(7) */
const MOST_LINKS = 40;
