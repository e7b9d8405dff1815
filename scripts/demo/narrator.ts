/** Tells the story while it happens, as numbered steps with what came of each below it. */
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

/** For stories that are only summed up. */
export const silent: Narrator = { step: () => undefined, note: () => undefined };
