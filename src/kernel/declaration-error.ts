/** A mistake in the code of a module, found at the start. Its message names the place and holds no data. */
export class DeclarationError extends Error {}
