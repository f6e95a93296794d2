import type { Region, UsageField } from "../../../src/memory/region.ts";

/** What a region says of itself in the kernel's own words, as far as maps and smaps go. */
export interface PlainRegion {
  line: string;
  fields: Record<string, number>;
  flags: string[];
}

/** Reads smaps line by line, with no thought of speed. */
export function readPlainly(text: string): PlainRegion[] {
  const regions: PlainRegion[] = [];
  for (const line of text.split("\n")) {
    const field = /^(\w+):\s*(.*?)\s*$/.exec(line);
    const region = regions.at(-1);
    if (/^[0-9a-f]+-/.test(line)) regions.push({ line, fields: {}, flags: [] });
    else if (field?.[1] === "VmFlags" && region) region.flags = field[2]?.split(" ").filter(Boolean) ?? [];
    else if (field?.[1] && region) region.fields[field[1]] = Number.parseInt(field[2] ?? "", 10);
  }
  return regions;
}

/** The line of maps that the kernel prints for the region: padded to column 73 where there is a name. */
export function printLine(region: Region, addressDigits = 8): string {
  const hexadecimal = (value: number | bigint) => value.toString(16).padStart(addressDigits, "0");
  const range = `${hexadecimal(region.start)}-${hexadecimal(region.end)}`;
  const start = `${range} ${region.permissions} ${hexadecimal(region.fileOffset)} ${region.device} ${region.inode} `;
  return region.path === null ? start : `${start.padEnd(73)}${region.path.replaceAll("\n", "\\012")}`;
}

/** The kernel's name of each number. */
export const KERNEL_NAMES: Record<UsageField, string> = {
  rss: "Rss",
  pss: "Pss",
  pssDirty: "Pss_Dirty",
  sharedClean: "Shared_Clean",
  sharedDirty: "Shared_Dirty",
  privateClean: "Private_Clean",
  privateDirty: "Private_Dirty",
  referenced: "Referenced",
  anonymous: "Anonymous",
  ksm: "KSM",
  lazyFree: "LazyFree",
  anonHugePages: "AnonHugePages",
  shmemPmdMapped: "ShmemPmdMapped",
  filePmdMapped: "FilePmdMapped",
  sharedHugetlb: "Shared_Hugetlb",
  privateHugetlb: "Private_Hugetlb",
  swap: "Swap",
  swapPss: "SwapPss",
  locked: "Locked",
};
