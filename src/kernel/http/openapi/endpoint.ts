import { applyDecorators, Header, HttpCode, SetMetadata, type Type } from '@nestjs/common';
import { ApiExtension, ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { Conditional } from '../conditional.js';
import type { ErrorCode } from '../errors.js';

interface EndpointOptions<Answer extends object, Accepted extends object> {
  /** A few words that appear in the list of operations. */
  readonly summary: string;
  /** What a client developer must know in addition to the schemas (Markdown). */
  readonly description?: string;
  /** The HTTP status of success; 200 by default. */
  readonly status?: number;
  /** The contract class of the answer; omit it for 204. */
  readonly returns?: Type<Answer>;
  /** The contract class of the answer with status 202, when the operation may also answer 202. */
  readonly accepted?: Type<Accepted>;
  /** Errors of this operation, in addition to those that `openapi/problems.ts` derives from its shape. */
  readonly errors?: readonly ErrorCode[];
}

interface PlainOptions<Answer extends object, Accepted extends object> extends EndpointOptions<
  Answer,
  Accepted
> {
  readonly conditional?: false;
}

interface ConditionalOptions<Answer extends object> extends EndpointOptions<Answer, never> {
  readonly returns: Type<Answer>;
  /** The operation answers an `ETag`, and 304 when the client's `ETag` is current. Its handler returns a `Conditional`. */
  readonly conditional: true;
}

interface ForeignOptions<Answer extends object> extends EndpointOptions<Answer, never> {
  readonly returns: Type<Answer>;
  /**
   * The media type of a format that others define, such as FHIR. The answer is sent as the handler returns it, and the class
   * only documents it: by `@ApiProperty`, with the names of the format.
   */
  readonly mediaType: string;
}

/** What the handler of an operation without a contract class may return: anything, for it is not answered, but no tag. */
type Unanswered = void | (object & { readonly tag?: never; readonly then?: never });

/** The contract classes of an operation's answers. */
export interface Answers {
  readonly returns: Type<object> | undefined;
  readonly accepted: Type<object> | undefined;
  /** A redirect has a `Location` and no body. */
  readonly isRedirect: boolean;
  /** The handler returns the answer in a format of its own. */
  readonly isForeign: boolean;
  /** Whether the handler returns a `Conditional`. */
  readonly isConditional: boolean;
}

/** The metadata key of {@link Answers}. */
export const ANSWERS = 'hale:answers';

type Handler<Result> = (...args: never[]) => Result | Promise<Result>;
type HandlerDecorator<Result> = <Method extends Handler<Result>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

type AnyOptions = (PlainOptions<object, object> | ConditionalOptions<object>) &
  Partial<Pick<ForeignOptions<object>, 'mediaType'>>;

/**
 * Documents an operation in Swagger. A handler needs only this decorator and the HTTP verb. It returns entities or plain
 * objects that have the fields of `returns`; `AnswerInterceptor` writes these fields and no others.
 */
export function Endpoint<Answer extends object>(
  options: ConditionalOptions<Answer>,
): HandlerDecorator<Conditional<Answer>>;
export function Endpoint<Answer extends object>(options: ForeignOptions<Answer>): HandlerDecorator<Answer>;
export function Endpoint<Answer extends object = never, Accepted extends object = never>(
  options: PlainOptions<Answer, Accepted>,
): HandlerDecorator<[Answer] extends [never] ? Unanswered : Answer | Accepted>;
export function Endpoint({
  summary,
  description,
  status = 200,
  returns,
  accepted,
  conditional = false,
  errors = [],
  mediaType,
}: AnyOptions): MethodDecorator {
  const answers: Answers = {
    returns: mediaType === undefined ? returns : undefined,
    accepted,
    isRedirect: status >= 300,
    isForeign: mediaType !== undefined,
    isConditional: conditional,
  };
  return applyDecorators(
    HttpCode(status),
    SetMetadata(ANSWERS, answers),
    ApiOperation({ summary, ...(description === undefined ? {} : { description }) }),
    ...(mediaType !== undefined && returns
      ? foreignAnswer(status, mediaType, returns)
      : [ApiResponse({ status, description: 'Success', ...(returns ? { type: returns } : {}) })]),
    ...(accepted ? [ApiResponse({ status: 202, description: 'Accepted', type: accepted })] : []),
    ApiExtension('x-errors', errors),
    ApiExtension('x-conditional', conditional),
  );
}

const foreignAnswer = (status: number, mediaType: string, type: Type): MethodDecorator[] => [
  Header('Content-Type', mediaType),
  ApiExtraModels(type),
  ApiResponse({
    status,
    description: 'Success',
    content: { [mediaType]: { schema: { $ref: getSchemaPath(type) } } },
  }),
];
