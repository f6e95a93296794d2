import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Process } from "../../../src/linux/process.ts";
import type { AddressSpace } from "../../../src/memory/addressSpace.ts";
import { open, start } from "./programs.ts";

/** A file with a name of our choice, mapped by a process that then runs `after` (Python, the file's name is `name`). */
async function mapped(name: string, text: string, after = ""): Promise<{ target: Process; path: string }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "mapped-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  const program = `import mmap, os, sys, time
name = sys.argv[1]
map = mmap.mmap(os.open(name, os.O_RDONLY), 0, mmap.MAP_SHARED, mmap.PROT_READ)
${after}
print("ready")
time.sleep(1000)`;
  const { pid } = await start("/usr/bin/python3", ["-uc", program, path]);
  return { target: open(pid), path };
}

function find(space: AddressSpace, path: string): number {
  return [...space.regions()].findIndex((region) => region.path === path);
}

function readMapped(target: Process, space: AddressSpace, path: string): string | null {
  const index = find(space, path);
  expect(index).toBeGreaterThanOrEqual(0);
  const file = target.openMapped(space, index);
  if (file === null) return null;
  expect(file.path).toBe(path);
  const buffer = Buffer.alloc(100);
  const length = readSync(file.descriptor, buffer);
  closeSync(file.descriptor);
  return buffer.toString("utf8", 0, length);
}

test.each(["plain", "with  spaces ", "with a\nnewline", "ä (deleted)"])(
  "the file %j that a region maps is opened",
  async (name) => {
    const { target, path } = await mapped(name, "what is in it");
    const space = await target.readMaps();
    expect(readMapped(target, space, path)).toBe("what is in it");
  },
);

// The links of map_files want CAP_CHECKPOINT_RESTORE.
const testAsRoot = test.runIf(process.getuid?.() === 0);

testAsRoot("a deleted file is opened by its mapping, not the new one with its name", async () => {
  const { target, path } = await mapped("file", "old", "os.unlink(name); open(name, 'w').write('new')");
  const space = await target.readMaps();
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readMapped(target, space, `${path} (deleted)`)).toBe("old");
});

test("a file that was put in place of the mapped one is not taken for it", async () => {
  const { target, path } = await mapped("file", "old", "os.rename(name, name + '1'); open(name, 'w').write('new')");
  const space = await target.readMaps();
  expect(readMapped(target, space, `${path}1`)).toBe("old");
});

testAsRoot("a name that has become a FIFO is not waited for", async () => {
  const { target, path } = await mapped("file", "old", "os.unlink(name); os.mkfifo(name + ' (deleted)')");
  const space = await target.readMaps();
  expect(readMapped(target, space, `${path} (deleted)`)).toBe("old");
});

test("what is no file, or no regular one, is not opened", async () => {
  const program = `import mmap, os, time
zero = mmap.mmap(os.open("/dev/zero", os.O_RDWR), 4096, mmap.MAP_PRIVATE)
shared = mmap.mmap(-1, 4096)
print("ready")
time.sleep(1000)`;
  const { pid } = await start("/usr/bin/python3", ["-uc", program]);
  const target = open(pid);
  const space = await target.readMaps();
  for (const name of ["[heap]", "[stack]", "[vvar]", "/dev/zero"]) {
    const index = find(space, name);
    expect(index).toBeGreaterThanOrEqual(0);
    expect(target.openMapped(space, index)).toBeNull();
  }
});

test("every file of a process is the one that is mapped", async () => {
  const { pid } = await start(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1e6)"]);
  const target = open(pid);
  const space = await target.readMaps();
  let files = 0;
  for (let index = 0; index < space.length; index++) {
    const file = target.openMapped(space, index);
    if (file === null) continue;
    if (file.part) {
      expect(space.path(index)).toBe("[vdso]");
      closeSync(file.descriptor);
      continue;
    }
    expect(fstatSync(file.descriptor).ino).toBe(space.columns.inode[index]);
    closeSync(file.descriptor);
    files++;
  }
  expect(files).toBeGreaterThan(10);
});

test("of a process that sees the same files as this one no root directory is told", async () => {
  const { target, path } = await mapped("file", "text");
  const space = await target.readMaps();
  const file = target.openMapped(space, find(space, path)) ?? expect.fail();
  closeSync(file.descriptor);
  expect(file).not.toHaveProperty("root");
});

// The capability that unshare(2) wants.
testAsRoot("of a process with mounts of its own its root directory is told, which has its files", async () => {
  const { target, path } = await mapped(
    "file",
    "text",
    `import ctypes, subprocess
assert ctypes.CDLL(None).unshare(0x20000) == 0
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "none", os.path.dirname(name)], check=True)
open(name + ".debug", "w").write("its own")`,
  );
  const space = await target.readMaps();
  const file = target.openMapped(space, find(space, path)) ?? expect.fail();
  closeSync(file.descriptor);
  expect(existsSync(`${path}.debug`)).toBe(false);
  expect(readFileSync(join(file.root ?? "", `${path}.debug`), "utf8")).toBe("its own");
});
