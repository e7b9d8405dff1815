import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerQuery,
  ListField,
  StringField,
} from '../../../kernel/http/fields.js';
import { ChangeDto, epoch, seq, serverTime } from './change.dto.js';
import { pulled } from '../sync.examples.js';

export const MAX_PAGE = 1_000;
export const DEFAULT_PAGE = 500;

export const cursor = {
  description: 'The `cursor` of the last answer. Do not interpret it.',
  example: 'c2.WyJ5dWJfM0xDRiIsIkpxXzQiLCIwIiwiIl0.4oK0uGcS2bqv9m1xT7zQZA',
  max: 1_000,
};
export const kinds = {
  description:
    'The kinds that the app knows, separated by commas. A kind that is named for the first time is delivered from its beginning. Default: all kinds.',
  example: 'meal,weight',
  max: 1_000,
};

export class PullQuery {
  @StringField({
    ...cursor,
    description: `${cursor.description} Without it the pull begins anew.`,
    optional: true,
  })
  cursor?: string;

  @StringField({ ...kinds, optional: true })
  kinds?: string;

  @StringField({
    ...epoch,
    description: 'The epoch of the client’s data, if it has data but no cursor.',
    optional: true,
  })
  epoch?: string;

  @IntegerQuery({
    description: 'Maximum number of changes in the answer.',
    example: DEFAULT_PAGE,
    min: 1,
    max: MAX_PAGE,
    default: DEFAULT_PAGE,
  })
  limit: number = DEFAULT_PAGE;
}

@Documented({ description: 'Changes in the order in which they were stored.', examples: pulled })
export class PullDto {
  @StringField(epoch)
  epoch!: string;

  @InstantField(serverTime)
  serverTime!: Date;

  @ListField({
    description:
      'The newest version of each record that changed. A change may be delivered twice; keep the one with the greater `seq`.',
    type: () => ChangeDto,
  })
  changes!: ChangeDto[];

  @StringField({
    ...cursor,
    description: 'Send it with the next pull. Store it in the same transaction as the changes.',
  })
  cursor!: string;

  @CodeField({ ...seq, description: 'The `seq` up to which the cursor has delivered all changes.' })
  seq!: string;

  @BooleanField({ description: 'Whether to pull again at once.', example: false })
  hasMore!: boolean;
}
