/** "Save Picture…": what a panel shows, as an SVG or a PNG. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Panel } from "./panel.ts";
import { problemOf } from "./targets.ts";

/** `panel`: the one in sight; `undefined` for none, which is said. */
export async function savePicture(panel: Panel | undefined): Promise<void> {
  if (!panel?.shown) {
    void vscode.window.showInformationMessage("Show Process Memory first: the picture is what the panel shows.");
    return;
  }
  try {
    // Before the dialog: the process goes on while the user types a name.
    const { svg, png } = await panel.drawing();
    const { command, pid } = panel.shown.info;
    const file = await vscode.window.showSaveDialog({
      title: "Save the picture as SVG or PNG",
      filters: { "SVG and PNG": ["svg", "png"] },
      defaultUri: vscode.Uri.joinPath(folder(), `${command.replaceAll(/[^\w.-]+/g, "_")}-${pid}.svg`),
    });
    if (!file) return;
    const content = /\.png$/i.test(file.path) ? Buffer.from(png, "base64") : Buffer.from(svg);
    await vscode.workspace.fs.writeFile(file, content);
  } catch (error) {
    void vscode.window.showErrorMessage(`The picture could not be saved: ${problemOf(error).message}`);
  }
}

function folder(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}
