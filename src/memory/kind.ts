/** What a region (or an address in it) is for. The names are a contract: `procmem --json` prints them. */
export const KINDS = [
  "code",
  "rodata",
  "relro",
  "data",
  "bss",
  "heap",
  "stack",
  "threadStack",
  "guard",
  "anonymous",
  "namedAnonymous",
  "sharedAnonymous",
  "file",
  "sysvShm",
  "posixShm",
  "memfd",
  "vdso",
  "vvar",
  "vsyscall",
  "device",
  "jit",
] as const;

export type Kind = (typeof KINDS)[number];

/** The kinds in words, for people. */
export const KIND_LABELS: Record<Kind, string> = {
  code: "code",
  rodata: "read-only data",
  relro: "read-only after relocation",
  data: "initialised data",
  bss: "zero-initialised data",
  heap: "heap",
  stack: "main stack",
  threadStack: "thread stack",
  guard: "guard",
  anonymous: "anonymous",
  namedAnonymous: "named anonymous",
  sharedAnonymous: "shared anonymous",
  file: "mapped file",
  sysvShm: "System V shared memory",
  posixShm: "POSIX shared memory",
  memfd: "memfd",
  vdso: "vdso",
  vvar: "vvar",
  vsyscall: "vsyscall",
  device: "device",
  jit: "generated code",
};

/** The groups of the tree, in its order. */
export const GROUPS = ["program", "libraries", "heap", "stacks", "anonymous", "shared", "files", "kernel"] as const;

export type Group = (typeof GROUPS)[number];

export const GROUP_LABELS: Record<Group, string> = {
  program: "Program",
  libraries: "Libraries",
  heap: "Heap",
  stacks: "Stacks",
  anonymous: "Anonymous",
  shared: "Shared memory",
  files: "Files",
  kernel: "Kernel",
};
