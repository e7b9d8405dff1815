import { describe, expect, it } from 'vitest';
import type { Conditional } from '../../src/kernel/http/conditional.js';
import { Endpoint } from '../../src/kernel/http/openapi/endpoint.js';
import { SyncStatusDto } from '../../src/modules/sync/status/status.dto.js';

const tagged = {} as Conditional<SyncStatusDto>;
const plain = {} as SyncStatusDto;

describe('a conditional operation', () => {
  it('returns a tagged answer, and no other operation does: anything else does not compile', () => {
    class Routes {
      @Endpoint({ summary: 'Tagged', returns: SyncStatusDto, conditional: true })
      async tagged() {
        return tagged;
      }

      // @ts-expect-error a conditional operation must return a tag
      @Endpoint({ summary: 'Without a tag', returns: SyncStatusDto, conditional: true })
      async untagged() {
        return plain;
      }

      // @ts-expect-error the client would get the fields of the tagged answer
      @Endpoint({ summary: 'Not conditional', returns: SyncStatusDto })
      async unconditional() {
        return tagged;
      }

      // @ts-expect-error the client would get no answer
      @Endpoint({ summary: 'Without a contract class', status: 204 })
      async bodiless() {
        return tagged;
      }

      // @ts-expect-error there would be nothing to read
      @Endpoint({ summary: 'Nothing to read', conditional: true })
      async nothing() {
        return tagged;
      }
    }
    expect(Routes).toBeDefined();
  });
});
