import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { ErrorCode } from '../http/errors.js';

interface EndpointOptions {
  /** A few words for the list of operations. */
  readonly summary: string;
  /** What a client developer should know beyond the schemas (Markdown). */
  readonly description?: string;
  /** The status of success; 200 unless given. */
  readonly status?: number;
  /** The body of success; none for 204. */
  readonly returns?: Type<unknown>;
  /** Answers an `ETag`, and 304 to one that still holds. */
  readonly conditional?: boolean;
  /** Errors of this operation beyond those that follow from its shape; see `openapi.ts`. */
  readonly errors?: readonly ErrorCode[];
}

/** Everything Swagger says of an operation; together with the verb it is all a handler wears. */
export function Endpoint({
  summary,
  description,
  status = 200,
  returns,
  conditional = false,
  errors = [],
}: EndpointOptions): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ApiResponse({ status, description: 'Success', ...(returns ? { type: returns } : {}) }),
    ApiExtension('x-errors', errors),
    ApiExtension('x-conditional', conditional),
  );
}
