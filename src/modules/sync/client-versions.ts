import { applyDecorators, Injectable } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Config } from '../../config/config.js';
import { Problem } from '../../kernel/http/problem.js';

/** Which versions of the app may still send. Reading goes on: a person must be able to see what they have. */
@Injectable()
export class ClientVersions {
  constructor(private readonly config: Config) {}

  /** @throws Problem `upgrade-required` for one that says it is older than the operator allows. */
  admit(version: string | undefined): void {
    const least = this.config.env.MIN_CLIENT_VERSION;
    if (least !== undefined && version !== undefined && isOlder(version, least))
      throw new Problem('upgrade-required', { members: { min_version: least } });
  }
}

/** By number, part by part; a part that is no number counts as 0. */
function isOlder(version: string, least: string): boolean {
  const [mine, wanted] = [version, least].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  ) as [number[], number[]];
  const index = wanted.findIndex((part, at) => part !== (mine[at] ?? 0));
  return index >= 0 && (mine[index] ?? 0) < (wanted[index] ?? 0);
}

export const ClientVersionHeader = () =>
  applyDecorators(
    ApiHeader({
      name: 'X-Client-Version',
      required: false,
      description:
        'Version of the app. One that the operator no longer admits is answered `upgrade-required`.',
      schema: { type: 'string', maxLength: 32, example: '2.4.0' },
    }),
  );
