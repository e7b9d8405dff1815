import { ApiHeader } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';

const DEVICE_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The sender: the person, and the device if it is named. */
export interface SyncOrigin {
  readonly actor: Actor;
  /** The device; a name for the sign-in session if the request does not name one. A session is kept when its tokens are renewed. */
  readonly deviceId: string;
  /** Whether the request, or the sign-in, named the device. */
  readonly isNamed: boolean;
}

/** The device to which a `local_id` belongs. Without a name, a UUID belongs to none: it is unique by itself. */
export const keeperOf = (
  { deviceId, isNamed }: Pick<SyncOrigin, 'deviceId' | 'isNamed'>,
  localId: string,
): string => (isNamed || !isUUID(localId) ? deviceId : '');

export const DeviceHeader = () =>
  ApiHeader({
    name: 'X-Device-Id',
    required: false,
    description:
      'Id of this installation; `local_id` belongs to it. Default: the device named at sign-in, then the session.',
    schema: { type: 'string', pattern: DEVICE_ID.source, example: 'a1f4c8e2-phone' },
  });

/** @throws Problem `validation` for an id of another form */
export function originOf(actor: Actor, deviceId: string | undefined): SyncOrigin {
  if (deviceId !== undefined && !DEVICE_ID.test(deviceId))
    throw invalidField(
      'X-Device-Id',
      'invalid',
      'X-Device-Id must be 1 to 64 letters, digits, dots, colons, dashes or underscores',
    );
  return { actor, deviceId: deviceId ?? `session:${actor.sessionId}`, isNamed: deviceId !== undefined };
}
