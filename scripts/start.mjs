// npm start: opens VS Code on the demo program, which stands at its first breakpoint with its memory on view.
//   --picture FILE           without a screen: saves a picture of it and ends; with --of all, all of the README in a folder
//   --of SUBJECT             what the picture is of: window, panel, treemap, narrow, hover, all
//   --theme dark|light|hc    the colours
//   --debugger lldb-dap|gdb
//   --server                 uses the VS Code server even where there is a desktop VS Code
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildExtension, compileDemo } from "./build.mjs";
import { openDesktop } from "./desktop.mjs";
import { alone } from "./lock.mjs";
import { SUBJECTS, takePicture } from "./picture.mjs";
import { DEMO, findProgram } from "./places.mjs";
import { cleanlyExit, temporaryFolder } from "./processes.mjs";
import { StepFailed, say, step } from "./progress.mjs";
import { CHROMIUM, DEBUGGERS, FOR_DEMO, setUp } from "./setup.mjs";
import { installServer, startServer, workbenchUrl } from "./vscodeServer.mjs";

const THEMES = { dark: "Default Dark Modern", light: "Default Light Modern", hc: "Default High Contrast" };

const LOOK_AT = `
  The demo stands at its breakpoint in look(). Look at:
    the tree     Process Memory, in the side bar: the process, its groups, regions, sections and symbols
    the panel    Process Memory, beside the source: the picture, the table of regions, the time line
    the hover    the mouse on heap_small, message, guard, null … in the source: where each points
                 (with Alt held: all that is known of the place)
    F5           five seconds of running: memory and page faults grow
  More: test/fixtures/demo/README.md`;

await cleanlyExit(async () => {
  const options = readOptions();
  const isSeen = options.pictures.length === 0;
  await setUp(isSeen ? FOR_DEMO : [...FOR_DEMO, CHROMIUM]);
  const debug = options.debugger ?? (findProgram(DEBUGGERS[0]?.names ?? []) === null ? "gdb" : "lldb-dap");
  const desktop = isSeen && !options.server ? desktopCode() : null;
  if (desktop === null) await alone(installServer);
  await buildExtension();
  await compileDemo();

  const settings = options.theme === null ? {} : { "workbench.colorTheme": THEMES[options.theme] };
  const env = { PROCESS_MEMORY_DEMO: `Demo (${debug})` };
  if (desktop !== null) {
    say(`\nVS Code opens in a window of its own.\n${LOOK_AT}\n\n  Closing the window or Ctrl-C ends it.`);
    return openDesktop(desktop, { folder: temporaryFolder(), workspace: DEMO, settings, env });
  }
  const server = await step("Starting the VS Code server", () =>
    startServer({ folder: temporaryFolder(), settings, env }),
  );
  const url = workbenchUrl(server.address, DEMO);
  if (options.pictures.length > 0) {
    for (const { file, subject } of options.pictures) {
      await step(`Taking the picture ${file}`, () => takePicture(url, file, subject));
    }
    return 0;
  }
  say(`\n  Open this in a browser on this machine:\n\n  ${url}\n${LOOK_AT}\n\n  Ctrl-C ends it.`);
  await server.ended;
  throw new StepFailed(`The VS Code server has ended:\n${server.output()}`);
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      picture: { type: "string" },
      of: { type: "string", default: "window" },
      theme: { type: "string" },
      debugger: { type: "string" },
      server: { type: "boolean", default: false },
    },
  });
  const theme = /** @type {keyof typeof THEMES | null} */ (values.theme ?? null);
  if (theme !== null && !(theme in THEMES)) throw new StepFailed("--theme is one of dark, light, hc.");
  const known = /** @type {import("./picture.mjs").Subject[]} */ (Object.keys(SUBJECTS));
  const subjects = values.of === "all" ? known : known.filter((name) => name === values.of);
  if (subjects.length === 0) throw new StepFailed(`--of is one of ${known.join(", ")}, all.`);
  if (values.debugger !== undefined && !["lldb-dap", "gdb"].includes(values.debugger))
    throw new StepFailed("--debugger is one of lldb-dap, gdb.");
  const place = values.picture === undefined ? null : resolve(process.env.INIT_CWD ?? ".", values.picture);
  const pictures = subjects.flatMap((subject) =>
    place === null ? [] : { subject, file: values.of === "all" ? join(place, SUBJECTS[subject]) : place },
  );
  return { pictures, theme, debugger: values.debugger ?? null, server: values.server };
}

/** The desktop's `code`, where there is a desktop: in the terminal of a remote window `code` is something else. */
function desktopCode() {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI } = process.env;
  return (DISPLAY || WAYLAND_DISPLAY) && !VSCODE_IPC_HOOK_CLI ? findProgram(["code"]) : null;
}
