const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A copy with the names that the API uses: `rollUp` becomes `roll_up`. Undefined members are left out. */
export const wire = (value: unknown): unknown => renamed(value, snakeCase);

/** A copy with the names of the service's own files: `roll_up` becomes `rollUp`. Undefined members are left out. */
export const unwire = (value: unknown): unknown => renamed(value, camelCase);

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [rename(name), renamed(member, rename)]),
  );
}
