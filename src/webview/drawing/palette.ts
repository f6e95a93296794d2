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

const KIND_VARIABLES = variables(KINDS, (kind) => `--kind-${kind}`);
const PAGE_VARIABLES = variables(PAGE_STATES, (state) => `--page-${state}`);
const PANEL_VARIABLES = {
  foreground: "--panel-foreground",
  background: "--panel-background",
  muted: "--panel-muted",
  border: "--panel-border",
  focus: "--panel-focus",
  grid: "--panel-grid",
  rssArea: "--panel-rss-area",
  minorFaults: "--panel-minor-faults",
  majorFaults: "--panel-major-faults",
};

/** The colours that hold for the element now. */
export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  return {
    kinds: colorsOf(element, KIND_VARIABLES),
    pages: colorsOf(element, PAGE_VARIABLES),
    ...colorsOf(element, PANEL_VARIABLES),
    font: style.getPropertyValue("--panel-font") || "sans-serif",
    monospace: style.getPropertyValue("--panel-mono") || "monospace",
  };
}

/** All are set before the first is read, so that the browser works styles out once. */
function colorsOf<K extends string>(element: HTMLElement, variables: Readonly<Record<K, string>>): Record<K, string> {
  const place = document.createElement("span");
  place.hidden = true;
  const probes = Object.entries<string>(variables).map(([name, variable]) => {
    const probe = document.createElement("span");
    // Forced colours are the system's for text and lines (panel.css); those of the kinds stay.
    probe.style.setProperty("forced-color-adjust", "none");
    probe.style.color = `var(${variable}, gray)`;
    place.append(probe);
    return [name, probe] as const;
  });
  element.append(place);
  const colors = Object.fromEntries(probes.map(([name, probe]) => [name, getComputedStyle(probe).color]));
  place.remove();
  return colors as Record<K, string>;
}

function variables<K extends string>(names: readonly K[], of: (name: K) => string): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<K, string>;
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
