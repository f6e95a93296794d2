/** esbuild puts the style sheets that main.ts imports into dist/panel.css. */
declare module "*.css";
