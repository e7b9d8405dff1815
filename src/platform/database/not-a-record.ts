const reasons = new WeakMap<object, string>();

/** Marks a table that has a person's id but contains no records of that person. The reason is only for the reader. */
export const NotARecord =
  (reason: string): ClassDecorator =>
  (entity) => {
    reasons.set(entity, reason);
  };

export const isNotARecord = (entity: object): boolean => reasons.has(entity);
