/** A handler throws this when trying again would not help. */
export class Undeliverable extends Error {}
