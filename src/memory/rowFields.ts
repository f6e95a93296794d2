/** The columns of the region table, as they are called wherever it is shown. */
import type { RowField } from "../protocol/rows.ts";

/** In the table's order: place, sizes, numbers as smaps has them, what it is. */
export const ROW_TITLES: Readonly<Record<RowField, string>> = {
  start: "Address",
  size: "Size",
  rss: "RSS",
  pss: "PSS",
  uss: "USS",
  dirty: "Dirty",
  pssDirty: "PSS dirty",
  sharedClean: "Shared clean",
  sharedDirty: "Shared dirty",
  privateClean: "Private clean",
  privateDirty: "Private dirty",
  referenced: "Referenced",
  anonymous: "Anonymous",
  ksm: "KSM",
  lazyFree: "Lazy free",
  anonHugePages: "Huge anonymous",
  shmemPmdMapped: "Huge shmem",
  filePmdMapped: "Huge file",
  sharedHugetlb: "Shared hugetlb",
  privateHugetlb: "Private hugetlb",
  swap: "Swap",
  swapPss: "Swap PSS",
  locked: "Locked",
  age: "Age",
  permissions: "Perm",
  fileOffset: "Offset",
  device: "Device",
  inode: "Inode",
  flags: "Flags",
  thpEligible: "THP eligible",
  kind: "Kind",
  name: "Name",
  path: "Path",
};

export const ROW_FIELDS = Object.keys(ROW_TITLES) as readonly RowField[];
