/** Prints the story while it happens: numbered steps, with their results below. */
export interface Narrator {
  step(text: string): void;
  note(text: string): void;
}

export function narratorTo(print: (line: string) => void): Narrator {
  let steps = 0;
  return {
    step: (text) => {
      steps += 1;
      print(`\n${String(steps).padStart(2)}. ${text}`);
    },
    note: (text) => print(`      ${text}`),
  };
}

/** For stories of which only a summary is printed. */
export const silent: Narrator = { step: () => undefined, note: () => undefined };
