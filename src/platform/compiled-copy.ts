/** How one property of a source becomes one of its copy. */
export interface CopiedProperty {
  readonly from: string;
  readonly to: string;
  /** Undefined for a value that stays as it is. Null is never converted. */
  readonly convert: ((value: never) => unknown) | undefined;
}

type Copy = (source: object) => Record<string, unknown>;

/**
 * Makes a function that copies these properties of an object into a new object. A property that is undefined is left out.
 *
 * The names become part of the function's code, as in the row parsers of mysql2 and the serializers of Fastify: a loop over
 * names takes ten times as long, because V8 then finds no common shape for the objects. All names come from classes.
 */
export function compileCopy(properties: readonly CopiedProperty[]): Copy {
  const lines = properties.map(({ from, to, convert }, index) => {
    const converted = convert ? `value === null ? null : convert[${index}](value)` : 'value';
    return `value = source[${JSON.stringify(from)}];
      if (value !== undefined) target[${JSON.stringify(to)}] = ${converted};`;
  });
  const body = `return (source) => { const target = {}; let value; ${lines.join('\n')} return target; }`;
  const make = new Function('convert', body) as (convert: readonly unknown[]) => Copy;
  return make(properties.map(({ convert }) => convert));
}

/**
 * Makes a function that turns the values of a row into an object. The driver's own objects have no shape that V8 knows, so
 * making and reading them takes twice as long.
 */
export function compileRow(names: readonly string[]): (values: unknown[]) => Record<string, unknown> {
  const members = names.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
  return new Function('values', `return { ${members.join(', ')} }`) as ReturnType<typeof compileRow>;
}
