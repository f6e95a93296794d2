import type { Address } from "./address.ts";
import type { Kind } from "./kind.ts";

/**
 * One mapping of a target: a line of `/proc/PID/maps`, with its `/proc/PID/smaps` numbers where they were read.
 * Immutable; made on demand from the columns of an {@link import("./addressSpace.ts").AddressSpace}.
 * @see proc_pid_maps(5), proc_pid_smaps(5)
 */
export interface Region {
  readonly start: Address;
  /** The first address after the region. */
  readonly end: Address;
  /** As in maps: `rw-p`; the fourth letter is `p` (private, copy on write) or `s` (shared). */
  readonly permissions: string;
  /** Offset of `start` in the mapped file, in bytes. */
  readonly fileOffset: number;
  /** `major:minor` in hexadecimal, as in maps. */
  readonly device: string;
  readonly inode: number;
  /** The path or pseudo-path (`[heap]`), unescaped, with a trailing ` (deleted)` as the kernel gives it. */
  readonly path: string | null;
  readonly kind: Kind;
  /** The path of the ELF module it belongs to. */
  readonly module: string | null;
  /** The thread whose stack it is, where known. */
  readonly thread: number | null;
  /** Bytes: `end - start`. */
  readonly size: number;
  /** `null` where smaps has not been read for this region. */
  readonly usage: Usage | null;
  /** When that was, in milliseconds since the epoch; `null` where it was not. */
  readonly readAt: number | null;
}

/** The smaps numbers of a region, in bytes. */
export type Usage = Readonly<Record<UsageField, number>> & {
  /** The two-letter codes of VmFlags. */
  readonly flags: readonly string[];
  /** Whether the kernel may give it transparent huge pages; also where it does not say so (before Linux 5.0) `false`. */
  readonly thpEligible: boolean;
};

export type UsageField = (typeof USAGE_FIELDS)[number];

/** Columns read from smaps, with the kernel's name of each. Fields an older kernel lacks read 0. */
export const USAGE_FIELDS = [
  "rss",
  "pss",
  "pssDirty",
  "sharedClean",
  "sharedDirty",
  "privateClean",
  "privateDirty",
  "referenced",
  "anonymous",
  "ksm",
  "lazyFree",
  "anonHugePages",
  "shmemPmdMapped",
  "filePmdMapped",
  "sharedHugetlb",
  "privateHugetlb",
  "swap",
  "swapPss",
  "locked",
] as const;
