import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import { isRead, type Resource, scopeOf } from '../../kernel/http/scopes.js';
import { ReceivedGrants } from '../grants/public.js';

const NAME = 'owner_id';

/**
 * `?owner_id=`: reading what another person has granted. It is answered here once for all routes: the request goes on as
 * one about the owner's data, and what serves it knows nothing of grants.
 */
@Injectable()
export class OwnerParameter {
  constructor(private readonly grants: ReceivedGrants) {}

  /** @throws Problem `not-found` without a grant, `insufficient-scope` for an API key, `validation` where nothing can be granted */
  async apply(request: FastifyRequest, actor: Actor, resource: Resource | undefined): Promise<Actor> {
    const query = request.query as Record<string, unknown>;
    if (!Object.hasOwn(query, NAME)) return actor;
    const { [NAME]: asked, ...rest } = query;
    if (resource === undefined || !isRead(request.method))
      throw invalidField(NAME, 'unknown-field', 'owner_id is for reading what a person has granted');
    if (typeof asked !== 'string' || !isUUID(asked))
      throw invalidField(NAME, 'invalid', 'owner_id must be a UUID');
    request.query = rest;
    const ownerId = asked.toLowerCase();
    if (ownerId === actor.userId) return actor;
    // A grant was given to a person, not to what runs in their name.
    if (actor.scopes) throw new Problem('insufficient-scope');
    await this.grants.admit(actor.userId, ownerId, scopeOf(resource, request.method));
    return { ...actor, userId: ownerId, viewerId: actor.userId };
  }
}
