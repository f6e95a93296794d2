import { type Mangled, UNREADABLE } from "./mangled.ts";
import { type Entity, readName } from "./names.ts";
import { commas, ENCODING, FUNCTION, type Node, node, type Part, sequence } from "./nodes.ts";
import { readModule } from "./substitutions.ts";
import { readRequirement, readTemplateArgument, readTemplateArguments } from "./templates.ts";
import { readType } from "./types.ts";

/**
 * `<encoding>`: a function with its parameters, a variable, or what compilers make beside them. What a function returns
 * is told of templates alone; it is left out, so that all functions are named alike. @see Itanium C++ ABI §5.1.2
 */
export function readEncoding(mangled: Mangled): Node {
  mangled.enter();
  const encoding = readAnyEncoding(mangled);
  mangled.leave();
  return encoding;
}

function readAnyEncoding(mangled: Mangled): Node {
  const next = mangled.peek();
  if (next === "G" || next === "T") return readSpecial(mangled);
  const entity: Entity = { templateArguments: null, isTemplate: false, hasNoResult: false, flags: 0, hasThis: false };
  const name = readName(mangled, entity);
  const { templateArguments } = entity;
  if (isEnd(mangled)) return templateArguments === null ? name : node(ENCODING, "", name, null, templateArguments);
  const behind: Part[] = [];
  if (mangled.take("Ua9enable_if")) {
    behind.push(" [enable_if:", commas(readTemplateArguments(mangled)), "]");
  }
  if (entity.isTemplate && !entity.hasNoResult) readType(mangled);
  const parameters: Node[] = [];
  if (!mangled.take("v")) {
    do {
      const type = readType(mangled);
      parameters.push(entity.hasThis && parameters.length === 0 ? sequence("this ", type) : type);
    } while (!isEnd(mangled) && mangled.peek() !== "Q");
  }
  if (mangled.take("Q")) behind.push(" requires ", readRequirement(mangled));
  const type = node(FUNCTION, "", null, behind.length === 0 ? null : sequence(...behind), parameters, entity.flags);
  return node(ENCODING, "", name, type, templateArguments ?? undefined);
}

function isEnd(mangled: Mangled): boolean {
  const next = mangled.peek();
  return next === "" || next === "E" || next === "." || next === "_";
}

/** `<special-name>`. @see Itanium C++ ABI §5.1.4 */
function readSpecial(mangled: Mangled): Node {
  const code = mangled.text.slice(mangled.at, mangled.at + 2);
  mangled.at += 2;
  const prefix = OF_TYPES[code];
  if (prefix !== undefined) return sequence(prefix, readType(mangled));
  const prefixOfName = OF_NAMES[code];
  if (prefixOfName !== undefined) return sequence(prefixOfName, readName(mangled, null));
  switch (code) {
    case "Th":
    case "Tv":
      mangled.at--;
      readCallOffset(mangled);
      return sequence(code === "Th" ? "non-virtual thunk to " : "virtual thunk to ", readEncoding(mangled));
    case "Tc":
      readCallOffset(mangled);
      readCallOffset(mangled);
      return sequence("covariant return thunk to ", readEncoding(mangled));
    case "TC": {
      const derived = readType(mangled);
      mangled.number();
      mangled.expect("_");
      return sequence("construction vtable for ", readType(mangled), "-in-", derived);
    }
    case "TA":
      return sequence("template parameter object for ", readTemplateArgument(mangled));
    case "GR": {
      const name = readName(mangled, null);
      // Old compilers leave out the number.
      const number = mangled.peek() === "" || mangled.peek() === "." ? 0 : mangled.ordinal(36);
      return sequence(`reference temporary #${number} for `, name);
    }
    case "GI": {
      const module = readModule(mangled, null);
      if (module === null) break;
      return sequence("initializer for module ", module);
    }
    case "GT": {
      const isSafe = mangled.take("t");
      if (!isSafe) mangled.expect("n");
      return sequence(isSafe ? "transaction clone for " : "non-transaction clone for ", readEncoding(mangled));
    }
  }
  throw UNREADABLE;
}

const OF_TYPES: Readonly<Record<string, string>> = {
  TV: "vtable for ",
  TT: "VTT for ",
  TI: "typeinfo for ",
  TS: "typeinfo name for ",
};

const OF_NAMES: Readonly<Record<string, string>> = {
  GV: "guard variable for ",
  TW: "TLS wrapper function for ",
  TH: "TLS init function for ",
};

function readCallOffset(mangled: Mangled): void {
  const isVirtual = mangled.take("v");
  if (!isVirtual) mangled.expect("h");
  mangled.number();
  mangled.expect("_");
  if (!isVirtual) return;
  mangled.number();
  mangled.expect("_");
}
