import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { type Actor, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { fromWire, toWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import type { ApiKey } from './api-key.entity.js';
import { ApiKeyDto, ApiKeyListDto, CreateApiKeyDto, CreatedApiKeyDto } from './api-keys.dto.js';
import { ApiKeysService, type MadeKey } from './api-keys.service.js';
import { prefixOf } from './key-text.js';

@Section(
  'Keys for programs',
  'An API key lets a program read or write some of a person’s data, without a password and for a time. The operations it can be used with name its scope under “Authorizations”.',
  1,
)
@Controller('api/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @Fresh()
  @Endpoint({
    summary: 'Make an API key',
    description:
      'The key is shown this once, so it takes no `Idempotency-Key`: after a lost response revoke the key in the list, and make another. With `requires_signature` each request needs `Signature-Input` and `Signature` (RFC 9421, `hmac-sha256`) over `"@method" "@path" "@query"`, with a body also over `"content-digest"` (RFC 9530), with `created`, a `nonce` that is used once, and the id of the key as `keyid`.',
    status: 201,
    returns: CreatedApiKeyDto,
    errors: ['too-many-keys'],
  })
  async createApiKey(@CurrentActor() actor: Actor, @Body() body: CreateApiKeyDto): Promise<CreatedApiKeyDto> {
    return createdWire(await this.keys.create(actor, fromWire(CreateApiKeyDto, body)));
  }

  @Get()
  @Endpoint({
    summary: 'List my API keys',
    description: 'What each may do and when it was used. Never the keys themselves.',
    returns: ApiKeyListDto,
  })
  async listApiKeys(@CurrentActor() actor: Actor): Promise<ApiKeyListDto> {
    return { data: (await this.keys.list(actor)).map(keyWire) };
  }

  @Delete(':id')
  @IdParam('The key.')
  @Endpoint({
    summary: 'Revoke an API key',
    description: 'The next request with it is refused.',
    status: 204,
    errors: ['not-found'],
  })
  revokeApiKey(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    return this.keys.revoke(actor, id);
  }
}

const keyWire = (key: ApiKey): ApiKeyDto =>
  toWire(ApiKeyDto, { ...key, prefix: prefixOf(key.id), requiresSignature: key.signingSecret !== null });

const createdWire = ({ row, key, signingSecret }: MadeKey): CreatedApiKeyDto => ({
  ...keyWire(row),
  key,
  signing_secret: signingSecret,
});
