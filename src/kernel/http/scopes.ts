/** The kinds of a person's data that can be opened to an API key, or to another person. */
export const resources = ['profile', 'metrics', 'meals'] as const;
export type Resource = (typeof resources)[number];

/** What can be granted to another person: to read. */
export const readScopes = resources.map((resource) => `${resource}:read`);

/** What an API key can be let do. */
export const scopes = resources.flatMap((resource) => [`${resource}:read`, `${resource}:write`]);

/** The scope a request with this method needs. */
export const scopeOf = (resource: Resource, method: string): string =>
  `${resource}:${isRead(method) ? 'read' : 'write'}`;

export const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
