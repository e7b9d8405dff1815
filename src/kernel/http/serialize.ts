/** Members of a list that are written at a time. */
const STEP = 50;

/**
 * The JSON of an answer. An answer with a long list is written in steps: as one text, a page of 500 changes would be copied
 * three times into memory that the process must first get from the system, and this takes longer than everything else.
 */
export function serialize(answer: unknown): string | Buffer {
  if (!isObject(answer) || !Object.values(answer).some(isLong)) return JSON.stringify(answer);
  const parts: Buffer[] = [];
  let text = '';
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    text += `${text === '' && parts.length === 0 ? '{' : ','}${JSON.stringify(name)}:`;
    if (!isLong(value)) {
      text += JSON.stringify(value);
      continue;
    }
    for (let at = 0; at < value.length; at += STEP) {
      const members = JSON.stringify(value.slice(at, at + STEP)).slice(1, -1);
      parts.push(Buffer.from(`${text}${at === 0 ? '[' : ','}${members}`));
      text = '';
    }
    text = ']';
  }
  return Buffer.concat([...parts, Buffer.from(`${text}}`)]);
}

const isLong = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length > STEP;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
