/** The languages whose programs are debugged on Linux natively: in their sources hovers tell where pointers point. */

/** For VS Code's API and for the language client, which are of one mind here. */
export const LANGUAGES: (
  | { readonly scheme: "file"; readonly language: string }
  | { readonly scheme: "file"; readonly pattern: string }
)[] = [
  ...["c", "cpp", "rust", "go"].map((language) => ({ scheme: "file" as const, language })),
  // VS Code knows these by extensions alone, which disagree about their names.
  { scheme: "file", pattern: "**/*.{zig,f,for,f77,f90,f95,f03,f08,F,F90,F95,F03,F08}" },
];

/** Languages that write members and dereferences in ways of their own. */
export type Dialect = "c" | "zig" | "fortran";

/** By the file's name. */
export function dialectOf(path: string): Dialect {
  if (path.endsWith(".zig")) return "zig";
  return /\.(?:f|for|f77|f90|f95|f03|f08)$/i.test(path) ? "fortran" : "c";
}
