import { expect, test } from "vitest";
import { signalInText } from "../../../src/memory/stopText.ts";

test("lldb's words tell code and address of a signal", () => {
  expect(signalInText("signal SIGSEGV: address not mapped to object (fault address: 0x10)")).toEqual({
    ...{ code: 1, address: 0x10n },
  });
  expect(signalInText("signal SIGSEGV: invalid permissions for mapped object (fault address: 0x555555556004)")).toEqual(
    {
      ...{ code: 2, address: 0x5555_5555_6004n },
    },
  );
  expect(signalInText("signal SIGSEGV: address not mapped to object (fault address: 0x0)").address).toBe(0n);
  expect(signalInText("signal SIGFPE: integer divide by zero")).toEqual({ code: 1, address: null });
});

test("where the processor told no address, lldb's 0 is none, and alignment is not taken for that", () => {
  expect(signalInText("signal SIGSEGV: invalid address (fault address: 0x0)").code).toBe(0x80);
  expect(signalInText("signal SIGBUS: invalid address alignment").code).toBe(1);
});

test("other words tell nothing", () => {
  expect(signalInText("")).toEqual({ code: null, address: null });
  expect(signalInText("signal SIGABRT")).toEqual({ code: null, address: null });
  expect(signalInText("breakpoint 1.1")).toEqual({ code: null, address: null });
});
