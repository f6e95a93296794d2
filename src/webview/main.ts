/** The panel's script: connects what is shown with the extension, and keeps what survives a reload. */
import "./panel.css";
import "./components/memoryPanel.ts";
import { PanelModel } from "./data/panelModel.ts";
import { asPng, pageDrawing } from "./drawing/pageDrawing.ts";
import { Host, type VsCode } from "./host.ts";

declare function acquireVsCodeApi(): VsCode;

/** Milliseconds: a drag changes the view with every frame, and saving sends a message. */
const SAVE_EVERY = 200;
/** Pixels of a saved picture for one of the page, at least: it is shown larger than it was. */
const PNG_SCALE = 2;

const vscode = acquireVsCodeApi();
const host = new Host(vscode);
const model = new PanelModel(host, vscode.getState());

host.on("state", (state) => model.receiveState(state));
host.on("picture", ({ query, picture }) => model.picture.offer(query, picture));
host.on("changed", (changed) => model.receiveChanged(changed));
host.on("stepped", (target) => model.receiveStepped(target));
host.on("reveal", (place) => model.receiveReveal(place));
host.answer("drawing", async () => {
  const { title, facts } = model.caption;
  const svg = pageDrawing([...panel.querySelectorAll("memory-map, time-line")], title, facts);
  return { svg, png: await asPng(svg, Math.max(devicePixelRatio, PNG_SCALE)) };
});

let saving: ReturnType<typeof setTimeout> | undefined;
const save = () => {
  clearTimeout(saving);
  saving = undefined;
  vscode.setState(model.viewState);
};
for (const part of [model, model.picture, model.treemap, model.rows, model.pages, model.timeView, model.stops]) {
  part.listen(() => {
    saving ??= setTimeout(save, SAVE_EVERY);
  });
}
addEventListener("pagehide", save);

const panel = document.createElement("memory-panel");
panel.model = model;
document.body.append(panel);
// The first picture is on its way while the page is laid out; then its width is known exactly.
model.picture.resize(Math.round(innerWidth * devicePixelRatio));
void model.start();
