import { open } from "node:fs/promises";

/**
 * How many pages of the region that starts at the address are on which NUMA node, in pages of the region's own size; empty
 * where that is not told. The kernel goes through all pages of all regions up to it. Throws what the kernel says.
 * @param path of `/proc/PID/numa_maps`
 * @see numa_maps in numa(7)
 */
export async function numaNodes(
  path: string,
  start: number,
  signal?: AbortSignal,
): Promise<{ node: number; pages: number }[]> {
  const wanted = start.toString(16);
  const file = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafeSlow(4096);
    let unfinished = "";
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return nodesOf(unfinished, wanted) ?? [];
      const lines = (unfinished + buffer.toString("latin1", 0, bytesRead)).split("\n");
      unfinished = lines.pop() ?? "";
      for (const line of lines) {
        const nodes = nodesOf(line, wanted);
        if (nodes) return nodes;
      }
    }
  } finally {
    await file.close();
  }
}

/** Of a line of the region that is wanted. */
function nodesOf(line: string, wanted: string): { node: number; pages: number }[] | null {
  const [address = "", , ...fields] = line.split(" ");
  if (address.replace(/^0+(?=.)/, "") !== wanted) return null;
  return fields.flatMap((field) => {
    // `N0=12`; a file's name stands after `file=`.
    const match = /^N(\d+)=(\d+)$/.exec(field);
    return match ? [{ node: Number(match[1]), pages: Number(match[2]) }] : [];
  });
}
