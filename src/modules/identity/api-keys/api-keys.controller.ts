import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeyDto, ApiKeyListDto, CreateApiKeyDto, CreatedApiKeyDto } from './api-keys.dto.js';
import { ApiKeysService, type MadeKey } from './api-keys.service.js';
import { prefixOf } from './key-text.js';

@Section(
  'API keys',
  'An API key lets a program read or write some of a person’s data for a limited time, without a password. Each operation that accepts API keys names the scope it needs under “Authorizations”.',
  3,
)
@Controller('api/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Create an API key',
    description:
      'The key is shown only once, so the request takes no `Idempotency-Key`: if the response is lost, revoke the key in the list and create another. With `requires_signature` each request needs `Signature-Input` and `Signature` (RFC 9421, `hmac-sha256`) over `"@method" "@path" "@query"`; a request with a body also over `"content-digest"` (RFC 9530). The parameters are `created`, a `nonce` that is used once, and `keyid`, the id of the key.',
    status: 201,
    returns: CreatedApiKeyDto,
    errors: ['too-many-keys'],
  })
  async createApiKey(@CurrentActor() actor: Actor, @Body() body: CreateApiKeyDto): Promise<CreatedApiKeyDto> {
    return createdOf(await this.keys.create(actor, body));
  }

  @Get()
  @Endpoint({
    summary: 'List API keys',
    description: 'The permissions and last use of each key, never the keys themselves.',
    returns: ApiKeyListDto,
  })
  async listApiKeys(@CurrentActor() actor: Actor): Promise<ApiKeyListDto> {
    return { data: (await this.keys.list(actor)).map(shownKey) };
  }

  @Delete(':id')
  @IdParam('The key.')
  @Endpoint({
    summary: 'Revoke an API key',
    description: 'The next request with the key is refused.',
    status: 204,
    errors: ['not-found'],
  })
  revokeApiKey(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.keys.revoke(actor, id);
  }
}

const shownKey = (key: ApiKey): ApiKeyDto => ({
  ...key,
  prefix: prefixOf(key.id),
  requiresSignature: key.signingSecret !== null,
});

const createdOf = ({ row, key, signingSecret }: MadeKey): CreatedApiKeyDto => ({
  ...shownKey(row),
  key,
  signingSecret,
});
