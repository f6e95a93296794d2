import { expect, test } from "vitest";
import { isPointer, readNumber, readPointer, withPlace } from "../../../src/extension/pointer.ts";
import { parseAddress } from "../../../src/memory/address.ts";
import { hovers, transcript } from "./transcripts.ts";

for (const name of ["lldb-dap-launch", "cdt-gdb-launch"]) {
  const recorded = transcript(name);
  const printed = recorded.truth.pointers ?? {};
  for (const { expression, body } of hovers(recorded)) {
    const address = expression === "nowhere" ? "0x0" : expression === "twice" ? printed.function : printed[expression];
    test(`${name}: ${expression} points ${address ? `to ${address}` : "nowhere"}, as the program itself prints`, () => {
      const pointer = readPointer(recorded.session.type, expression, body);
      expect(pointer?.value).toEqual(address === undefined ? undefined : parseAddress(address));
    });
  }
}

test("what the adapter appended to an address comes after the address's end", () => {
  const result = '0x0000555555556008 "read-only text"';
  const pointer = readPointer("lldb-dap", "text", { result, type: "const char *" });
  expect(result.slice(pointer?.end)).toBe(' "read-only text"');
});

test("adapters that refer to the pointer's own place tell where it is stored", () => {
  const body = { result: "0x0000555555558030", type: "int *", memoryReference: "0x7FFFFFFFE690" };
  expect(readPointer("lldb-dap", "p", body)).toMatchObject({ value: 0x555555558030n, storedAt: 0x7fffffffe690n });
  expect(readPointer("gdb", "p", body)).toMatchObject({ value: 0x555555558030n, storedAt: 0x7fffffffe690n });
  expect(readPointer("cppdbg", "p", body)).toMatchObject({ value: 0x555555558030n, storedAt: null });
});

test("where the pointee is shown in the pointer's place, its address is that of the reference", () => {
  const body = { result: "{x:1, y:2}", type: "point *", memoryReference: "0x5555555592a0" };
  expect(readPointer("lldb", "p", body)).toMatchObject({ value: 0x5555555592a0n });
  // lldb-dap's reference would be the pointer's own address: better nothing than a wrong place.
  expect(readPointer("lldb-dap", "p", body)).toBeNull();
});

test("asked for *p, an adapter that tells the place of the pointee tells where p points", () => {
  const body = { result: "42", type: "int", memoryReference: "0x5555555592a0" };
  expect(readPointer("lldb-dap", "*p", body)).toMatchObject({ value: 0x5555555592a0n, end: 2 });
  expect(readPointer("lldb-dap", "n", body)).toBeNull();
  // cppdbg once gave any number as a reference.
  expect(readPointer("cppdbg", "*p", { ...body, memoryReference: "0x2a" })).toBeNull();
});

test("numbers are no pointers, not even in hexadecimal; registers may be", () => {
  expect(readPointer("lldb-dap", "n", { result: "0x2a", type: "int" })).toBeNull();
  expect(readPointer("gdb", "n", { result: "0x2a", type: "unsigned long long" })).toBeNull();
  expect(readPointer("lldb-dap", "$rsp", { result: "0x00007fffffffe690", type: "unsigned long" })?.value).toBe(
    0x7fffffffe690n,
  );
});

test("a register may be told in decimal digits", () => {
  const result = "140737488348816";
  expect(readPointer("lldb-dap", "$rsp", { result, type: "unsigned long" })).toMatchObject({
    value: 0x7fffffffe690n,
    end: result.length,
  });
  expect(readPointer("lldb-dap", "n", { result, type: "unsigned long" })).toBeNull();
});

test("asked about a number, it is the address that it would be", () => {
  expect(readNumber("gdb", "n", { result: "65 'A'", type: "char" })).toBe(65n);
  expect(readNumber("gdb", "n", { value: "0x2a", type: "int" })).toBe(0x2an);
  expect(readNumber("gdb", "n", { value: "-1", type: "int" })).toBe(0xffff_ffff_ffff_ffffn);
  expect(readNumber("gdb", "p", { value: '0x7fff0010 "text"', type: "char *" })).toBe(0x7fff0010n);
  // As delve answers to a cast to uintptr.
  expect(readNumber("go", "uintptr(p)", { result: "824634417152 = 0xc0000aa000", type: "uintptr" })).toBe(
    0xc0000aa000n,
  );
  for (const value of ["1.5", "{...}", "7th", "", "99999999999999999999"]) {
    expect(readNumber("gdb", "x", { value, type: "T" }), value).toBeNull();
  }
});

test("a place stands behind the address, before what the adapter appended", () => {
  const result = '0x555555556008 <greeting> "Hello"';
  const pointer = readPointer("gdb", "p", { result, type: "char *" });
  expect(pointer && withPlace(result, pointer, "[heap] rw-p")).toBe('0x555555556008 → [heap] rw-p <greeting> "Hello"');
});

test("gdb's type of a Fortran pointer is passed over", () => {
  const result = "(PTR TO -> ( integer(kind=4) )) 0x5555555592a0";
  const type = "PTR TO -> ( integer(kind=4) )";
  expect(readPointer("gdb", "p", { result, type })?.value).toBe(0x5555555592a0n);
});

test("gdb's and delve's type before the address is passed over", () => {
  expect(readPointer("gdb", "p", { result: "(int (*)(int)) 0x1139 <f>", type: "int (*)(int)" })?.value).toBe(0x1139n);
  expect(readPointer("go", "p", { result: "(*main.T)(0xc000012345)", type: "*main.T" })?.value).toBe(0xc000012345n);
  expect(readPointer("go", "p", { result: "*main.point {x: 1}", type: "*main.point" })).toBeNull();
});

test("the types of pointers and references in C, C++, Rust, Go, Zig and Fortran are known", () => {
  for (const type of [
    "int *",
    "char *const",
    "std::string &",
    "T &&",
    "int (*)(int)",
    "int (*)[4]",
    "int (S::*)(int)",
    "*const u8",
    "*mut T",
    "&str",
    "*main.T",
    "[*]u8",
    "[*c]const u8",
    "?*Node",
    "PTR TO -> ( real(kind=8) )",
  ]) {
    expect(isPointer(type), type).toBe(true);
  }
  for (const type of ["int", "struct point", "std::vector<int *>", "u64", "[4]int"])
    expect(isPointer(type), type).toBe(false);
});

test("hostile answers are no pointers", () => {
  for (const body of [
    {},
    { result: 5 },
    { result: "", type: {} },
    { result: "0x", type: "int *" },
    { result: "0x11112222333344445", type: "int *" },
  ]) {
    expect(readPointer("lldb-dap", "p", body)).toBeNull();
  }
});
