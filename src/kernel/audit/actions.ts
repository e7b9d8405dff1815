/** The name of an action in the audit log. Only {@link auditActions} makes one. */
export type AuditAction = string & { readonly [declared]: true };

declare const declared: unique symbol;

/** The size of the column `action`, in characters. */
const LONGEST = 32;

const meanings = new Map<string, string>();

/**
 * Declares the actions that a module writes into the audit log. Call it in a file `<name>.audit.ts` beside the module.
 * @param prefix the object of the actions, such as `key`.
 * @param actions each action, with its meaning for the person who reads the log.
 * @returns the full names: `auditActions('key', { created: '…' }).created` is `key.created`.
 * @throws Error when an action is declared twice, or its full name has more than 32 characters.
 */
export function auditActions<Verb extends string>(
  prefix: string,
  actions: Readonly<Record<Verb, string>>,
): Readonly<Record<Verb, AuditAction>> {
  const names = Object.entries<string>(actions).map(([verb, meaning]) => {
    const name = `${prefix}.${verb}`;
    if (meanings.has(name)) throw new Error(`The audit action "${name}" is declared twice`);
    if (name.length > LONGEST) throw new Error(`The audit action "${name}" has a name that is too long`);
    meanings.set(name, meaning);
    return [verb, name];
  });
  return Object.fromEntries(names) as Record<Verb, AuditAction>;
}

/** Every action that the loaded modules declare, with its meaning, sorted by name. */
export const declaredAuditActions = (): readonly (readonly [name: string, meaning: string])[] =>
  [...meanings].toSorted(([a], [b]) => (a < b ? -1 : 1));
