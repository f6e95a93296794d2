import {
  DW_AT_byte_size,
  DW_AT_containing_type,
  DW_AT_count,
  DW_AT_GNU_vector,
  DW_AT_lower_bound,
  DW_AT_name,
  DW_AT_signature,
  DW_AT_type,
  DW_AT_upper_bound,
  DW_TAG_array_type,
  DW_TAG_atomic_type,
  DW_TAG_class_type,
  DW_TAG_const_type,
  DW_TAG_enumeration_type,
  DW_TAG_formal_parameter,
  DW_TAG_interface_type,
  DW_TAG_module,
  DW_TAG_namespace,
  DW_TAG_pointer_type,
  DW_TAG_ptr_to_member_type,
  DW_TAG_reference_type,
  DW_TAG_restrict_type,
  DW_TAG_rvalue_reference_type,
  DW_TAG_structure_type,
  DW_TAG_subrange_type,
  DW_TAG_subroutine_type,
  DW_TAG_typedef,
  DW_TAG_union_type,
  DW_TAG_unspecified_parameters,
  DW_TAG_volatile_type,
} from "./constants.ts";
import type { Entry } from "./entry.ts";

/** A type as one would write it: `const char *[3]`, `void (*)(int)`, `std::vector<int>`. @see DWARF 5 §5 */
export function typeText(type: Entry | null): string {
  return written(type, "", { left: MOST_TYPES });
}

/** Bytes of a type's values; 0 where that is not told. @see DWARF 5 §5 */
export function typeSize(type: Entry | null): number {
  let count = 1;
  let at = type;
  // Types of damaged files may lead round in a circle.
  for (let step = 0; at !== null && step < MOST_STEPS; step++) {
    const size = at.number(DW_AT_byte_size);
    if (size !== null) return size > 0 ? count * size : 0;
    switch (at.tag) {
      case DW_TAG_array_type:
        for (const dimension of dimensionsOf(at)) count *= dimension ?? 0;
        break;
      case DW_TAG_pointer_type:
      case DW_TAG_reference_type:
      case DW_TAG_rvalue_reference_type:
        return count * at.unit.encoding.addressSize;
      case DW_TAG_ptr_to_member_type: {
        // A pointer to a member function tells too what to add to `this`. @see Itanium C++ ABI §2.3
        const isFunction = at.reference(DW_AT_type)?.tag === DW_TAG_subroutine_type;
        return count * at.unit.encoding.addressSize * (isFunction ? 2 : 1);
      }
      case DW_TAG_typedef:
      case DW_TAG_const_type:
      case DW_TAG_volatile_type:
      case DW_TAG_restrict_type:
      case DW_TAG_atomic_type:
        break;
      default: {
        const whole = at.reference(DW_AT_signature);
        if (whole === null) return 0;
        at = whole;
        continue;
      }
    }
    at = at.reference(DW_AT_type);
  }
  return 0;
}

/**
 * A type around what is declared with it, as C writes it: `int *x[3]` is `int`, around `*x[3]`.
 * @param types how many more may be written: damaged ones may consist of themselves
 */
function written(type: Entry | null, declarator: string, types: { left: number }): string {
  if (type === null) return spaced("void", declarator);
  if (--types.left < 0 || declarator.length > LONGEST) return spaced("…", declarator);
  const inner = (around: string) => written(type.reference(DW_AT_type), around, types);
  const { tag } = type;
  // Rust and Go name also what C writes with signs.
  const name = type.text(DW_AT_name);
  if (name !== null && name !== "" && !QUALIFIERS.has(tag)) return spaced(qualifiedName(type, name), declarator);
  switch (tag) {
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type: {
      const sign = tag === DW_TAG_pointer_type ? "*" : tag === DW_TAG_reference_type ? "&" : "&&";
      return inner(bracketed(type, sign + declarator));
    }
    case DW_TAG_ptr_to_member_type: {
      const owner = written(type.reference(DW_AT_containing_type), "", types);
      return inner(bracketed(type, `${owner}::*${declarator}`));
    }
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type: {
      const word = QUALIFIERS.get(tag) as string;
      const target = type.reference(DW_AT_type);
      // Of an array it is its elements that are so, and most compilers say it of these too.
      if (target?.tag === DW_TAG_array_type && elementOf(target)?.tag === tag) return inner(declarator);
      // Behind the sign of what points, before the name of what is.
      return target !== null && isPointer(target) ? inner(spaced(word, declarator)) : `${word} ${inner(declarator)}`;
    }
    case DW_TAG_array_type: {
      const dimensions = dimensionsOf(type).map((count) => `[${count ?? ""}]`);
      if (type.unit.root.language === DW_LANG_Rust) return `[${inner("")}; ${dimensions.join("").slice(1, -1)}]`;
      const vector = type.has(DW_AT_GNU_vector) ? " __attribute__((vector))" : "";
      return inner(`${declarator}${dimensions.join("")}${vector}`);
    }
    case DW_TAG_subroutine_type:
      return inner(`${declarator}(${parametersOf(type, types).join(", ")})`);
    default: {
      const whole = type.reference(DW_AT_signature);
      if (whole?.has(DW_AT_name)) return written(whole, declarator, types);
      return spaced(`${KEYWORDS.get(tag) ?? "type"} {…}`, declarator);
    }
  }
}

/** A name with the namespaces and classes that it stands in; in C with the word that belongs to it. */
function qualifiedName(type: Entry, name: string): string {
  const keyword = KEYWORDS.get(type.tag);
  if (keyword !== undefined && C_LANGUAGES.has(type.unit.root.language)) return `${keyword} ${name}`;
  const scopes = type.unit.parentsOf(type).filter(({ tag }) => SCOPES.has(tag));
  const names = scopes.map(
    (scope) => scope.text(DW_AT_name) ?? (scope.tag === DW_TAG_namespace ? "(anonymous namespace)" : "{…}"),
  );
  return [...names, name].join("::");
}

function parametersOf(type: Entry, types: { left: number }): string[] {
  const parameters: string[] = [];
  for (const child of type.children()) {
    if (child.tag === DW_TAG_formal_parameter) {
      parameters.push(written(child.reference(DW_AT_type), "", types));
    } else if (child.tag === DW_TAG_unspecified_parameters) parameters.push("...");
    if (parameters.length >= MOST_PARAMETERS) return [...parameters, "…"];
  }
  return parameters;
}

/** How many elements each dimension of an array has; `null` where that is not told or known at run time alone. */
function dimensionsOf(type: Entry): (number | null)[] {
  const counts: (number | null)[] = [];
  for (const child of type.children()) {
    if (child.tag !== DW_TAG_subrange_type) continue;
    const count = child.number(DW_AT_count);
    const upper = child.number(DW_AT_upper_bound);
    const known = count ?? (upper === null ? null : upper - (child.number(DW_AT_lower_bound) ?? 0) + 1);
    // The upper bound of `[0]` and `[]` is written as -1 by some compilers, and as the largest number by others.
    counts.push(known !== null && known >= 0 && known < 2 ** 32 ? known : null);
    if (counts.length >= MOST_PARAMETERS) break;
  }
  return counts.length > 0 ? counts : [null];
}

/** What an array of one or more dimensions has as elements. */
function elementOf(array: Entry): Entry | null {
  let element: Entry | null = array;
  for (let step = 0; element?.tag === DW_TAG_array_type && step < MOST_STEPS; step++) {
    element = element.reference(DW_AT_type);
  }
  return element;
}

/** A pointer to an array or a function has to be in brackets: `(*x)[3]`. */
function bracketed(pointer: Entry, declarator: string): string {
  const tag = pointer.reference(DW_AT_type)?.tag;
  return tag === DW_TAG_array_type || tag === DW_TAG_subroutine_type ? `(${declarator})` : declarator;
}

function isPointer({ tag }: Entry): boolean {
  return tag === DW_TAG_pointer_type || tag === DW_TAG_ptr_to_member_type;
}

function spaced(word: string, declarator: string): string {
  if (declarator === "") return word;
  return declarator.startsWith("[") || declarator.startsWith(",") ? word + declarator : `${word} ${declarator}`;
}

const QUALIFIERS: ReadonlyMap<number, string> = new Map([
  [DW_TAG_const_type, "const"],
  [DW_TAG_volatile_type, "volatile"],
  [DW_TAG_restrict_type, "restrict"],
  [DW_TAG_atomic_type, "_Atomic"],
]);

const KEYWORDS: ReadonlyMap<number, string> = new Map([
  [DW_TAG_structure_type, "struct"],
  [DW_TAG_class_type, "class"],
  [DW_TAG_union_type, "union"],
  [DW_TAG_enumeration_type, "enum"],
]);

const SCOPES: ReadonlySet<number> = new Set([
  DW_TAG_namespace,
  DW_TAG_module,
  DW_TAG_class_type,
  DW_TAG_structure_type,
  DW_TAG_union_type,
  DW_TAG_interface_type,
]);

/** C89, C, C99, C11, C17, C23: there `struct` and `enum` belong to the name. */
const C_LANGUAGES: ReadonlySet<number> = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x3e]);
const DW_LANG_Rust = 0x1c;

const MOST_STEPS = 32;
/** In the text of one. */
const MOST_TYPES = 64;
const MOST_PARAMETERS = 32;
/** Characters. */
const LONGEST = 4096;
