import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const VERBS = new Set(['Get', 'Post', 'Put', 'Patch', 'Delete', 'Head', 'Options', 'All']);

/** Handlers that have more than one `return`, each with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

interface Handler {
  readonly name: string;
  readonly statements: readonly ts.Statement[];
}

/** All methods of the classes in a file that a decorator makes the handler of a route. */
function handlersIn(path: string, text: string): Handler[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return file.statements.filter(ts.isClassDeclaration).flatMap((type) =>
    type.members
      .filter(ts.isMethodDeclaration)
      .filter((method) => (ts.getDecorators(method) ?? []).some(isVerb))
      .map((method) => ({
        name: `${type.name?.text ?? ''}.${method.name.getText()}`,
        statements: method.body?.statements ?? [],
      })),
  );
}

const isVerb = ({ expression }: ts.Decorator): boolean =>
  ts.isCallExpression(expression) && VERBS.has(expression.expression.getText());

const isOneReturn = ({ statements: [first, ...rest] }: Handler): boolean =>
  first !== undefined && ts.isReturnStatement(first) && rest.length === 0;

const handlers = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path))
  .flatMap((path) => handlersIn(path, readFileSync(path, 'utf8')));

describe('handlers', () => {
  it('each is one return: checks, steps and forms of answers belong to guards, services and presenters', () => {
    expect(handlers.length).toBeGreaterThan(70);
    const longer = handlers.filter((handler) => !isOneReturn(handler)).map(({ name }) => name);
    expect(longer.toSorted()).toEqual(Object.keys(EXCEPTIONS).toSorted());
  });

  it('notices a handler with a second statement, without a return, or with `void`', () => {
    const source = `
      @Controller()
      class Sample {
        @Get() one() { return this.service.one(); }
        @Post('two') two() { const read = this.service.two(); return read; }
        @Put() three() { void reply.send(''); }
        @Delete() four() {}
        helper() { this.one(); return 1; }
      }`;
    const longer = handlersIn('sample.ts', source).filter((handler) => !isOneReturn(handler));
    expect(longer.map(({ name }) => name)).toEqual(['Sample.two', 'Sample.three', 'Sample.four']);
  });
});
