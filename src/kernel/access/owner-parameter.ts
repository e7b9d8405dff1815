import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { AccessRule } from './access-rules.js';
import type { Actor } from '../http/actor.js';
import { invalidField, Problem } from '../http/problem.js';
import { ReadingGrants } from './reading-grants.js';
import { isRead, scopeOf } from './scopes.js';

const NAME = 'owner_id';

/**
 * Handles `?owner_id=`, which reads the data of another person who has granted access. It is handled here for all routes:
 * the request continues with the owner's id as its user id, so handlers need no code for grants.
 */
@Injectable()
export class OwnerParameter {
  constructor(private readonly grants: ReadingGrants) {}

  /** Whether a request has the parameter: {@link apply} is only for such a request. */
  isAsked({ query }: FastifyRequest): boolean {
    return Object.hasOwn(query as object, NAME);
  }

  /**
   * Replaces the actor's user id by the owner's, and removes the parameter from the query.
   * @throws Problem `not-found` without a grant, `insufficient-scope` for an API key, `validation` when the route cannot be
   *   granted or the value is no UUID
   */
  async apply(
    request: FastifyRequest,
    actor: Actor,
    { resource, isInPart, isMixed }: Pick<AccessRule, 'resource' | 'isInPart' | 'isMixed'>,
  ): Promise<Actor> {
    const { [NAME]: value, ...rest } = request.query as Record<string, unknown>;
    if ((resource === undefined && !isInPart) || !isRead(request.method))
      throw invalidField(
        NAME,
        'unknown-field',
        'owner_id only works on routes that read data which can be granted',
      );
    if (typeof value !== 'string' || !isUUID(value))
      throw invalidField(NAME, 'invalid', 'owner_id must be a UUID');
    request.query = rest;
    const ownerId = value.toLowerCase();
    if (ownerId === actor.userId) return actor;
    // A grant is given to a person and not to a program that acts for that person.
    if (actor.scopes) throw new Problem('insufficient-scope');
    const scopes = await (resource === undefined
      ? this.grants.admitInPart(actor.userId, ownerId)
      : this.grants.admit(actor.userId, ownerId, scopeOf(resource, request.method), isMixed));
    // The handler answers only what the scopes allow, as for a key.
    return { ...actor, userId: ownerId, viewerId: actor.userId, scopes };
  }
}
