export const ladder: readonly {
  readonly name: string;
  readonly paths: readonly string[];
  readonly about: string;
}[];
export const roles: readonly string[];
export const limits: { readonly linesOfFile: number; readonly linesOfFunction: number };
