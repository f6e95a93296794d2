/** What gdb says of the variables with static storage. */
import { execFileSync } from "node:child_process";

export interface GdbVariable {
  readonly name: string;
  readonly address: string;
  readonly type: string;
  readonly size: number;
  readonly file: string;
  readonly line: number;
}

/** Goes through the blocks of all code, as far as nm knows functions: the global, the file's and the functions' own. */
const SCRIPT = `
import gdb, json
seen = {}
def add(symbol):
    if not symbol.is_variable or symbol.addr_class != gdb.SYMBOL_LOC_STATIC: return
    try:
        value = symbol.value()
        address = int(value.address)
    except Exception: return
    key = (address, symbol.name)
    seen[key] = dict(name=symbol.linkage_name, address=hex(address), type=str(symbol.type), size=symbol.type.sizeof,
        file=symbol.symtab.fullname() if symbol.symtab else "", line=symbol.line)
for address in ADDRESSES:
    block = gdb.block_for_pc(address)
    todo = [block] if block else []
    while block and block.superblock:
        block = block.superblock
        todo.append(block)
    for block in todo:
        for symbol in block: add(symbol)
print(json.dumps(list(seen.values())))
`;

/** The variables of a program that gdb knows, some of them several times where units declare them. */
export function gdbVariables(path: string): GdbVariable[] {
  const symbols = execFileSync("nm", [path], { encoding: "utf8" });
  const addresses = [...symbols.matchAll(/^([0-9a-f]+) [tTwW] /gm)].map(([, address]) => `0x${address}`);
  const script = SCRIPT.replace("ADDRESSES", `[${addresses.join(",")}]`);
  const output = execFileSync("gdb", ["-nx", "-batch", "-ex", `python exec(${JSON.stringify(script)})`, path], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DEBUGINFOD_URLS: "" },
  });
  return JSON.parse(output.slice(output.indexOf("["))) as GdbVariable[];
}
