import { Documented } from '../../../kernel/http/documented.js';
import { BooleanField, EnumField, ObjectField, TimeZoneField } from '../../../kernel/http/fields.js';
import { CsvMappingDto } from './csv-mapping.dto.js';
import { ON_CHANGED, type OnChanged } from './import-job.entity.js';
import { finished } from './imports.examples.js';

@Documented({
  description:
    'What to change from the preview. Send an empty object to store the rows as the preview shows them.',
})
export class StartImportDto {
  @ObjectField({
    description:
      'The members of the mapping of a table that were guessed wrong, and all of `undecided`. The others stay as the preview shows them.',
    type: () => CsvMappingDto,
    optional: true,
  })
  mapping?: CsvMappingDto;

  @BooleanField({
    description:
      'True reads the kept file once more with these members and stores nothing: the import gets a new preview, and its file is kept for another hour. Default: false.',
    example: false,
    optional: true,
  })
  dryRun?: boolean;

  @TimeZoneField({
    description: 'IANA time zone of the times in the file that have none. Default: that of the preview.',
    example: finished.time_zone,
    optional: true,
  })
  timeZone?: string;

  @EnumField({
    description:
      'What happens to a record that you have changed or deleted since it was imported, or that did not come from an import. Default: as in the preview.',
    example: 'keep',
    values: ON_CHANGED,
    name: 'ImportOnChanged',
    meaning: '`keep`: it stays as it is; `replace`: it gets the values of the file.',
    optional: true,
  })
  onChanged?: OnChanged;
}
