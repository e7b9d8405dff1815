import { IntegerField, UuidField } from '../../../../src/kernel/http/fields.js';

export class WatchDto {
  @UuidField({ description: 'The match.', example: '019b9500-c2ea-7b40-8d6f-4c1d9e8f7003' })
  matchId!: string;
}

export class ScoreDto extends WatchDto {
  @IntegerField({ description: 'What the home team has scored so far.', example: 2, min: 0, max: 1_000 })
  homeScore!: number;
}
