import { applyDecorators, Injectable } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { Config } from '../../../config/config.js';
import { Problem } from '../../../kernel/http/problem.js';

/** Decides which versions of the app may push. Older ones may still read, so that people can see their data. */
@Injectable()
export class ClientVersions {
  constructor(private readonly config: Config) {}

  /** @throws Problem `upgrade-required` for a version older than the operator allows. */
  admit(version: string | undefined): void {
    const least = this.config.env.MIN_CLIENT_VERSION;
    if (least !== undefined && version !== undefined && isOlder(version, least))
      throw new Problem('upgrade-required', { members: { min_version: least } });
  }
}

/** Compares numerically, part by part; a part that is not a number counts as 0. */
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
        'Version of the app. A version older than the operator allows is answered with `upgrade-required`.',
      schema: { type: 'string', maxLength: 32, example: '2.4.0' },
    }),
  );
