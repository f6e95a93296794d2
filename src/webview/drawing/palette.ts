/** The theme's colours, resolved for a canvas, which knows no CSS variables. */
import { KINDS, type Kind } from "../../memory/kind.ts";

/** What a page can be. */
export type PageState = (typeof PAGE_STATES)[number];
const PAGE_STATES = ["file", "anonymous", "zero", "swapped", "written"] as const;

export interface Palette {
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly pages: Readonly<Record<PageState, string>>;
  readonly foreground: string;
  readonly background: string;
  readonly muted: string;
  readonly border: string;
  readonly focus: string;
  readonly grid: string;
  readonly rssArea: string;
  readonly minorFaults: string;
  readonly majorFaults: string;
  /** Font families, for `context.font`. */
  readonly font: string;
  readonly monospace: string;
}

/** The colours that hold for the element now. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  // Forced colours are the system's for text and lines (panel.css); those of the kinds stay.
  probe.style.setProperty("forced-color-adjust", "none");
  element.append(probe);
  const style = getComputedStyle(probe);
  const color = (variable: string) => {
    probe.style.color = `var(${variable}, gray)`;
    return style.color;
  };
  const palette: Palette = {
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, color(`--kind-${kind}`)])) as Record<Kind, string>,
    pages: Object.fromEntries(PAGE_STATES.map((state) => [state, color(`--page-${state}`)])) as Record<
      PageState,
      string
    >,
    foreground: color("--panel-foreground"),
    background: color("--panel-background"),
    muted: color("--panel-muted"),
    border: color("--panel-border"),
    focus: color("--panel-focus"),
    grid: color("--panel-grid"),
    rssArea: color("--panel-rss-area"),
    minorFaults: color("--panel-minor-faults"),
    majorFaults: color("--panel-major-faults"),
    font: style.getPropertyValue("--panel-font") || "sans-serif",
    monospace: style.getPropertyValue("--panel-mono") || "monospace",
  };
  probe.remove();
  return palette;
}

/** Calls the listener when VS Code changed the theme, or the system its forced colours. The answer ends that. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  // VS Code sets the theme's name as the body's class and its colours as the root element's style.
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  const forced = matchMedia("(forced-colors: active)");
  forced.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    forced.removeEventListener("change", listener);
  };
}
