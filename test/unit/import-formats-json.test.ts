import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { formatOf } from '../../src/modules/health/imports/formats/formats.js';
import { healthConnectFormat } from '../../src/modules/health/imports/formats/health-connect.format.js';
import type { ImportRow } from '../../src/modules/health/imports/formats/import-format.js';
import { idFrom, sourceFrom } from '../../src/modules/health/imports/formats/values.js';
import { zoneWithOffset } from '../../src/modules/health/imports/zone-offsets.js';

const time = '2026-01-06T19:30:00Z';
const end = '2026-01-06T20:30:00Z';

async function rowsOf(format: string, records: readonly object[]): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  const source = Readable.from([Buffer.from(JSON.stringify(records))]);
  for await (const row of formatOf(format).read(source, {})) rows.push(row);
  return rows;
}

const connect = (...records: object[]) => rowsOf('health_connect', records);
const point = (name: string, body: object): object => ({
  header: { schema_id: { namespace: 'omh', name } },
  body,
});

describe('a series of heart rates', () => {
  it('has a row for each sample, whole or with its own error', async () => {
    const samples = Array.from({ length: 600 }, (_, place) => ({
      time: new Date(Date.parse(time) + place * 1_000).toISOString(),
      beatsPerMinute: 60,
    }));
    const wrong = samples.with(300, { time: 'then', beatsPerMinute: 60 });
    const rows = await connect({
      recordType: 'HeartRateRecord',
      startTime: time,
      endTime: end,
      samples: wrong,
    });
    expect(rows).toHaveLength(600);
    expect(rows.filter((row) => 'fault' in row)).toMatchObject([
      { record: 1, fault: { field: 'samples.300.time' } },
    ]);
    expect(rows[301]).toMatchObject({ within: 'samples.301', items: [{ value: 60 }] });
  });
});

describe('stages of a night', () => {
  const night = (...stages: unknown[]) =>
    connect({
      recordType: 'SleepSessionRecord',
      startTime: time,
      endTime: end,
      stages: stages.map((stage, place) => ({
        startTime: new Date(Date.parse(end) - (place + 1) * 60_000).toISOString(),
        endTime: new Date(Date.parse(end) - place * 60_000).toISOString(),
        stage,
      })),
    });

  it('are numbers or names, and are put in order', async () => {
    expect(await night('STAGE_TYPE_REM', 'stage_type_unknown', 5, 0, 'unknown', 'Light')).toMatchObject([
      { items: [{ stages: [{ stage: 'light' }, { stage: 'deep' }, { stage: 'rem' }] }] },
    ]);
  });

  it.each([8, 'dreaming', null, 'stage_type_'])('of another kind are an error: %s', async (stage) => {
    expect(await night(5, stage)).toMatchObject([{ fault: { field: 'stages.1.stage' } }]);
  });

  it('are a list', async () => {
    expect(
      await connect({ recordType: 'SleepSessionRecord', startTime: time, endTime: end, stages: 'deep' }),
    ).toMatchObject([{ fault: { field: 'stages' } }]);
  });
});

describe('offsets and times', () => {
  const steps = (more: object): object => ({
    recordType: 'StepsRecord',
    startTime: time,
    endTime: end,
    count: 1,
    ...more,
  });

  it.each([
    ['startZoneOffset', 'Europe/Vienna'],
    ['zoneOffset', 70_000],
    ['startZoneOffset', {}],
  ])('%s that cannot be read is an error: %s', async (name, offset) => {
    expect(await connect(steps({ [name]: offset }))).toMatchObject([{ fault: { field: name } }]);
  });

  it('an offset that is absent, or null, is no error', async () => {
    expect(await connect(steps({}), steps({ startZoneOffset: null }))).toMatchObject([
      { items: [{ value: 1 }] },
      { items: [{ value: 1 }] },
    ]);
  });

  it.each([
    ['2014-06-01T12:00:00Z', -4.5, 'America/Caracas'],
    ['2016-06-01T12:00:00Z', 8.5, 'Asia/Pyongyang'],
    ['2026-01-06T12:00:00Z', 8.5, undefined],
    ['2026-01-06T12:00:00Z', 5.75, 'Asia/Kathmandu'],
    ['2026-01-06T12:00:00Z', 10.5, 'Australia/Adelaide'],
    ['2026-07-06T12:00:00Z', 10.5, 'Australia/Lord_Howe'],
    ['2026-07-06T12:00:00Z', -2.5, 'America/St_Johns'],
    ['2026-01-06T12:00:00Z', -8, 'Etc/GMT+8'],
    ['2026-01-06T12:00:00Z', 1, 'Europe/Vienna'],
    ['2026-01-06T12:00:00Z', 61 / 3_600, undefined],
    ['2026-01-06T12:00:00Z', 17, undefined],
  ])('at %s the zone %d hours ahead is %s', (at, hours, zone) => {
    expect(zoneWithOffset(new Date(at), Math.round(hours * 3_600), 'Europe/Vienna')).toBe(zone);
  });

  it('seconds since 1970 are not taken for milliseconds', async () => {
    const [seconds, milliseconds] = [1_767_727_800, 1_767_727_800_000];
    const rows = await connect(
      { recordType: 'WeightRecord', time: seconds, weight: { inKilograms: 82 } },
      { recordType: 'WeightRecord', time: milliseconds, weight: { inKilograms: 82 } },
    );
    expect(rows).toMatchObject([
      { fault: { field: 'time', message: expect.stringContaining('milliseconds since 1970') } },
      { items: [{ start: { at: new Date(time) } }] },
    ]);
  });

  it('a part of a day is no period of steps, but one of a sleep', async () => {
    const day = (more: object) => ({
      effective_time_frame: { time_interval: { date: '2026-01-06', ...more } },
    });
    const rows = await rowsOf('open_mhealth', [
      point('step-count', { step_count: 3_000, ...day({ part_of_day: 'morning' }) }),
      point('step-count', { step_count: 7_000, ...day({}) }),
      point('sleep-duration', { sleep_duration: { value: 7, unit: 'h' }, ...day({ part_of_day: 'night' }) }),
    ]);
    expect(rows).toMatchObject([
      { fault: { field: 'effective_time_frame' } },
      { items: [{ value: 7_000 }] },
      { items: [{ minutesAsleep: 420 }] },
    ]);
  });
});

describe('what a file calls itself', () => {
  it('is Health Connect by any type of it', () => {
    expect(healthConnectFormat.recognises('[{"recordType":"SpeedRecord"')).toBe(true);
    expect(healthConnectFormat.recognises('{"SpeedRecord":[')).toBe(true);
    expect(healthConnectFormat.recognises('{"records":[{"type":"x"')).toBe(false);
  });

  it('is never a source that goes before all devices', () => {
    expect(['manual', 'Manual', ' manual ', 'manual.app'].map(sourceFrom)).toEqual([
      undefined,
      undefined,
      undefined,
      'manual.app',
    ]);
  });

  it('two long ids stay two', () => {
    const [a, b] = ['a', 'b'].map((last) => idFrom(`${'x'.repeat(300)}${last}`));
    expect(a).not.toBe(b);
    expect(a?.length).toBeLessThanOrEqual(150);
    expect([idFrom('7f0d'), idFrom(' '), idFrom('y'.repeat(150))]).toEqual([
      '7f0d',
      undefined,
      'y'.repeat(150),
    ]);
  });
});
