import { type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  ADMIN,
  FRESH,
  IN_PART,
  MIXED,
  PUBLIC,
  RESOURCE,
  SESSION_WELCOME,
  UNVERIFIED,
} from '../http/actor.js';

/** What the decorators of a handler and its class say about access. */
export interface AccessRule {
  readonly isPublic: boolean;
  /** Whether a public route looks at credentials when a request has some. */
  readonly welcomesSession: boolean;
  readonly isForAdmins: boolean;
  readonly needsFreshProof: boolean;
  readonly isForUnverified: boolean;
  /** Whether the handler itself limits an API key to its scopes. */
  readonly isInPart: boolean;
  /** Whether it also shows data of other scopes that a viewer may read. */
  readonly isMixed: boolean;
  /** The name of the kind of data that can be shared. */
  readonly resource: string | undefined;
}

/** Reads the rule of a handler once, and not for each request. */
@Injectable()
export class AccessRules {
  /** By class and handler, because two classes may inherit one handler. */
  private readonly known = new WeakMap<object, WeakMap<object, AccessRule>>();

  constructor(private readonly reflector: Reflector) {}

  of(context: ExecutionContext): AccessRule {
    const [handler, type] = [context.getHandler(), context.getClass()];
    const ofClass = this.known.get(type) ?? new WeakMap<object, AccessRule>();
    const rule = ofClass.get(handler) ?? this.read([handler, type]);
    this.known.set(type, ofClass.set(handler, rule));
    return rule;
  }

  private read(targets: (ReturnType<ExecutionContext['getHandler']> | Type)[]): AccessRule {
    const declared = (key: string): unknown => this.reflector.getAllAndOverride(key, targets);
    return {
      isPublic: Boolean(declared(PUBLIC)),
      welcomesSession: Boolean(declared(SESSION_WELCOME)),
      isForAdmins: Boolean(declared(ADMIN)),
      needsFreshProof: Boolean(declared(FRESH)),
      isForUnverified: Boolean(declared(UNVERIFIED)),
      isInPart: Boolean(declared(IN_PART)),
      isMixed: Boolean(declared(MIXED)),
      resource: declared(RESOURCE) as string | undefined,
    };
  }
}
