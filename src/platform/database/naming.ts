import { DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm';

/** `weightValue` → `weight_value`. The bijection that makes one name serve column and JSON field. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `weight_value` → `weightValue`. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Columns are the snake_case of their property; tables, indexes and keys are always named explicitly. */
export class SnakeNaming extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(property: string, custom: string | undefined): string {
    return custom ?? snakeCase(property);
  }
}
