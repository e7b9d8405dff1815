import { Documented } from '../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  InstantField,
  IntegerQuery,
  ListField,
  StringField,
} from '../../kernel/http/fields.js';
import { ChangeDto, epoch, seq, serverTime } from './change.dto.js';
import { pulled } from './sync.examples.js';

export const MAX_PAGE = 1_000;
const DEFAULT_PAGE = 500;

export const cursor = {
  description: 'The `cursor` of the last answer; opaque.',
  example: 'c1.WyJ5dWJfM0xDRiIsIkpxXzQiLCIwIiwiIl0',
  max: 1_000,
};
export const kinds = {
  description:
    'The kinds the app knows, joined by commas. A kind that is named for the first time is delivered from its beginning. All kinds, unless given.',
  example: 'meal,weight',
  max: 1_000,
};

export class PullQuery {
  @StringField({ ...cursor, description: `${cursor.description} None begins anew.`, optional: true })
  cursor?: string;

  @StringField({ ...kinds, optional: true })
  kinds?: string;

  @StringField({
    ...epoch,
    description: 'The epoch of the data the client holds, when it has data but no cursor.',
    optional: true,
  })
  epoch?: string;

  @IntegerQuery({
    description: 'How many changes to answer at most.',
    example: DEFAULT_PAGE,
    min: 1,
    max: MAX_PAGE,
    default: DEFAULT_PAGE,
  })
  limit: number = DEFAULT_PAGE;
}

@Documented({ description: 'What changed, in the order of change.', examples: pulled })
export class PullDto {
  @StringField(epoch)
  epoch!: string;

  @InstantField(serverTime)
  server_time!: string;

  @ListField({
    description:
      'The newest version of every record that changed. Getting one twice is harmless: apply by `seq`.',
    type: () => ChangeDto,
  })
  changes!: ChangeDto[];

  @StringField({ ...cursor, description: 'Send it next time. Store it together with the changes.' })
  cursor!: string;

  @CodeField({ ...seq, description: 'The place the cursor stands at.' })
  seq!: string;

  @BooleanField({ description: 'Whether to ask again at once.', example: false })
  has_more!: boolean;
}
