import { DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm';

/** `weightValue` → `weight_value`. Columns and JSON fields use the same name, and {@link camelCase} converts it back. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `weight_value` → `weightValue`. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A column's name is its property in snake_case. Tables, indexes and keys always have explicit names. */
export class SnakeNaming extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(property: string, custom: string | undefined): string {
    return custom ?? snakeCase(property);
  }
}
