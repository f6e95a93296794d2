/** All addresses that a debugger shows at a stop, each with its region as it is explained and as the kernel has it. */
import { readFileSync } from "node:fs";
import type { ExtensionUnderTest } from "../../src/extension/extension.ts";
import type { HexAddress } from "../../src/memory/address.ts";
import type { Host } from "./host.ts";

export interface ShownPointer {
  /** `main: Locals.nodes.next`: the frame, and the variable as it is found there. */
  readonly name: string;
  readonly address: HexAddress;
  readonly explained: RegionAt | null;
  /** As `/proc/PID/maps` has it. */
  readonly kernels: RegionAt | null;
}

/** A region as one knows it by. */
interface RegionAt {
  readonly start: bigint;
  readonly end: bigint;
  readonly permissions: string;
}

/**
 * Asks the adapter for the local variables of each thread's frames, with what is in them, and for the globals and registers
 * of the innermost ones; takes all that are shown with an address.
 */
export async function pointersShown(host: Host): Promise<ShownPointer[]> {
  const { pid, pointers } = await host.call(async (vscode) => {
    const { server, targets }: ExtensionUnderTest =
      vscode.extensions.getExtension("process-memory.process-memory")?.exports ?? {};
    const session = vscode.debug.activeDebugSession;
    const target = targets.active;
    if (!session || !target) throw new Error("Nothing is debugged.");
    const ask = (command: string, query: object) => session.customRequest(command, query);
    const found = new Map<HexAddress, string>();
    const look = async (where: string, variablesReference: number, isInner = false) => {
      // What an adapter fails to tell is not shown either.
      const { variables } = await ask("variables", { variablesReference }).then(
        (body) => body,
        () => ({ variables: [] }),
      );
      for (const { name, value, variablesReference: inside } of variables) {
        const address = /\b0x[0-9a-f]{1,16}\b/.exec(value)?.[0] as HexAddress | undefined;
        if (address && !found.has(address)) found.set(address, `${where}.${name}`);
        if (inside > 0 && !isInner) await look(`${where}.${name}`, inside, true);
      }
    };
    const { threads } = await ask("threads", {});
    for (const { id } of threads) {
      const { stackFrames } = await ask("stackTrace", { threadId: id, startFrame: 0, levels: 20 });
      for (const [level, frame] of stackFrames.entries()) {
        const { scopes } = await ask("scopes", { frameId: frame.id });
        for (const { name, variablesReference } of scopes) {
          if (level === 0 || name.startsWith("Local")) await look(`${frame.name}: ${name}`, variablesReference);
        }
      }
    }
    const pointers = await Promise.all(
      Array.from(found, async ([address, name]) => {
        const { region } = await server.request("processMemory/explain", { target: target.id, address });
        return { name, address, region };
      }),
    );
    return { pid: target.info.pid, pointers };
  });
  const maps = readMaps(pid);
  return pointers.map(({ name, address, region }) => ({
    ...{ name, address },
    explained: region && {
      start: BigInt(region.start),
      end: BigInt(region.end),
      permissions: region.permissions,
    },
    kernels: maps.find(({ start, end }) => BigInt(address) >= start && BigInt(address) < end) ?? null,
  }));
}

function readMaps(pid: number): RegionAt[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [, start, end, permissions = ""] = /^(\w+)-(\w+) (\S+)/.exec(line) ?? [];
    return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), permissions };
  });
}
