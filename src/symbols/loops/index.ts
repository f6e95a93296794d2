export { indexAbbreviations, readAbbreviations } from "./abbreviations";
export { skipEntries } from "./entries";
export { runLineProgram } from "./lines";
export { nextAddressRange } from "./ranges";
export { findNearestSymbols, nextNearSymbol } from "./symbols";
