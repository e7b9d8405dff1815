import { Controller, Delete, Param } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { type Actor, CurrentActor } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { clientId } from '../pull/change.dto.js';
import { SyncSection } from '../sync-section.js';
import { ClientsService } from './clients.service.js';

@SyncSection()
@Controller('api/sync/clients')
export class ClientsController {
  constructor(private readonly clients: ClientsService) {}

  @Delete(':client_id')
  @ApiParam({
    name: 'client_id',
    description: 'A device of `GET /api/sync/status`.',
    schema: { type: 'string', pattern: clientId.pattern.source, maxLength: 64, example: clientId.example },
  })
  @Endpoint({
    summary: 'Remove a device',
    description:
      'Makes room for another device. Records stay, and no session ends. If the device comes back, it counts as a new one: an edit that it sends again, because the answer was lost, may then be kept as a conflict once more. So remove only devices that are no longer used.',
    status: 204,
    errors: ['not-found'],
  })
  removeClient(@CurrentActor() { userId }: Actor, @Param('client_id') id: string): Promise<void> {
    return this.clients.remove(userId, id);
  }
}
