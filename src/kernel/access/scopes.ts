/** A part of a person's data to which an API key or another person can get access. */
export interface Resource {
  /** The first part of its scopes: `meals` gives `meals:read` and `meals:write`. */
  readonly name: string;
}

const declared = new Map<string, Resource>();
const all: string[] = [];
const reading: string[] = [];

/** The scopes of API keys. The list grows while modules are loaded: read it when you need it, and never copy it. */
export const scopes: readonly string[] = all;

/** The scopes that can be granted to another person: only reading. It grows like {@link scopes}. */
export const readScopes: readonly string[] = reading;

/** Limits the lists of scopes in requests. It is more than the service will ever declare. */
export const MAX_SCOPES = 100;

/**
 * Declares a resource. Call it in a file `<name>.scopes.ts` beside the controllers that use it in `@Shareable(resource)`.
 * @throws Error when the name is not valid or is declared twice.
 */
export function defineResource(name: string): Resource {
  if (!/^[a-z][a-z-]{0,29}$/.test(name)) throw new Error(`"${name}" is not a name for a resource`);
  if (declared.has(name)) throw new Error(`The resource "${name}" is declared twice`);
  const resource = { name };
  declared.set(name, resource);
  insert(reading, `${name}:read`);
  insert(all, `${name}:read`, `${name}:write`);
  return resource;
}

/** Keeps the list sorted by name, so that its order does not depend on the order in which modules are loaded. */
function insert(list: string[], ...added: string[]): void {
  list.push(...added);
  list.sort();
}

export const isDeclared = (name: string): boolean => declared.has(name);

/** The scope that a request with this method needs. */
export const scopeOf = (resource: string, method: string): string =>
  `${resource}:${isRead(method) ? 'read' : 'write'}`;

/** Whether somebody may read a resource: a session may, and an API key or a grant with the scope. */
export const mayRead = (
  { scopes: own }: { readonly scopes?: readonly string[] | undefined },
  { name }: Resource,
): boolean => !own || own.includes(scopeOf(name, 'GET'));

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
