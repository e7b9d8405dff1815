/** What a value must be, by the name of the check: texts that a person can act on, in place of class-validator's own. */
const texts: Readonly<Record<string, (constraint: unknown) => string>> = {
  isString: () => 'be a text',
  isNumber: () => 'be a number',
  isInt: () => 'be a whole number',
  isBoolean: () => 'be true or false',
  isArray: () => 'be a list',
  isObject: () => 'be an object',
  isEmail: () => 'be an e-mail address',
  isUuid: () => 'be a UUID',
  isTimeZone: () => 'be the name of a time zone, such as Europe/Berlin',
  isText: () => 'not contain control characters or broken surrogates',
  isVisible: () => 'not contain invisible characters',
  isIn: (values) => `be one of: ${[values].flat().join(', ')}`,
  min: (least) => `be at least ${String(least)}`,
  max: (most) => `be at most ${String(most)}`,
  minLength: (least) => `have at least ${counted(least, 'character')}`,
  maxLength: (most) => `have at most ${counted(most, 'character')}`,
  arrayMinSize: (least) => `have at least ${counted(least, 'entry')}`,
  arrayMaxSize: (most) => `have at most ${counted(most, 'entry')}`,
  arrayUnique: () => 'not contain anything twice',
};

/** The message of a check; undefined for a check that has none here. `$property` stands for the name of the field. */
export function textOf(
  name: string,
  isForEach: boolean,
  [constraint]: readonly unknown[],
): string | undefined {
  const text = Object.hasOwn(texts, name) ? texts[name]?.(constraint) : undefined;
  return text && `${isForEach ? 'each entry of $property' : '$property'} must ${text}`;
}

const counted = (count: unknown, what: 'character' | 'entry'): string =>
  count === 1 ? `one ${what}` : `${String(count)} ${what === 'entry' ? 'entries' : 'characters'}`;
