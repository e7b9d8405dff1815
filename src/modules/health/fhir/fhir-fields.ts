import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

/* Fields of resources. Their values are parts of FHIR R4, whose shapes the standard describes. */

export const Part = (
  description: string,
  example: unknown,
  more: ApiPropertyOptions = {},
): PropertyDecorator =>
  ApiProperty({
    description,
    example,
    type: 'object',
    additionalProperties: true,
    ...more,
  } as ApiPropertyOptions);
export const OptionalPart = (description: string, example: unknown, more: object = {}) =>
  Part(description, example, { required: false, ...more } as ApiPropertyOptions);
export const Parts = (description: string, example: readonly unknown[]) =>
  OptionalPart(description, example, {
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    additionalProperties: undefined,
  });
export const Text = (
  description: string,
  example: string,
  more: ApiPropertyOptions = {},
): PropertyDecorator => ApiProperty({ description, example, type: String, ...more });
export const Word = (word: string): PropertyDecorator =>
  ApiProperty({ description: `Always \`${word}\`.`, example: word, enum: [word] });
