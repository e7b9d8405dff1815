import type { Case } from './measure.js';
import { bareHeaders, type Person, post, register } from './people.js';

/** Readings of ten years, 27 a day. */
const READINGS = 100_000;
const BULK = 500;
const SPACING_MS = 3_155_000;
const FIRST = Date.UTC(2016, 0, 1);

/** A person whose phone has uploaded steps for ten years. */
export async function walkerOf(url: string): Promise<Person> {
  const walker = await register(url, 'walker');
  for (let sent = 0; sent < READINGS; sent += BULK) {
    const readings = Array.from({ length: BULK }, (_, index) => steps(sent + index));
    await post(`${url}/api/health-metrics/bulk`, { readings }, walker.headers);
  }
  return walker;
}

const steps = (index: number) => {
  const from = FIRST + index * SPACING_MS;
  return {
    metric: 'steps',
    value: (index * 37) % 900,
    unit: 'steps',
    measured_at: new Date(from).toISOString(),
    ended_at: new Date(from + 600_000).toISOString(),
    time_zone: 'Europe/Berlin',
    source: 'healthkit',
    external_id: `sample-${index}`,
  };
};

/** One client, as a person waits for one chart. */
export function healthCases(serviceUrl: string, bareUrl: string, walker: Person | undefined): Case[] {
  if (!walker) return [];
  return [
    {
      name: 'ten years of steps summed by day',
      clients: 1,
      unit: 'requests',
      size: 1,
      service: {
        url: `${serviceUrl}/api/health-metrics/steps/summary?from=2016-01-01&to=2025-12-31`,
        method: 'GET',
        status: 200,
        headers: () => walker.headers,
      },
      bare: { url: `${bareUrl}/sums`, method: 'GET', status: 200, headers: () => bareHeaders(walker) },
      targets: [{ of: 'p95', below: 50 }],
    },
  ];
}

/** One client, as a clinic copies the readings of a person. */
export function fhirCases(serviceUrl: string, walker: Person | undefined): Case[] {
  if (!walker) return [];
  return [
    {
      name: '100 of 100 000 readings as FHIR observations',
      clients: 1,
      unit: 'requests',
      size: 1,
      service: {
        url: `${serviceUrl}/api/health-metrics/fhir?from=2016-01-01&to=2025-12-31&limit=100`,
        method: 'GET',
        status: 200,
        headers: () => walker.headers,
      },
      targets: [{ of: 'p95', below: 50 }],
    },
  ];
}
