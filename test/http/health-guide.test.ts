import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { blocksOf, Names, readHttp } from '../support/guide-messages.js';

const GUIDES = ['health', 'medications', 'goals'];

describe.runIf(hasDatabase())('guides, played from top to bottom', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it.each(GUIDES)('every request gets the answer in the guide to %s', async (guide) => {
    const messages = blocksOf(readFileSync(`docs/${guide}.md`, 'utf8'), 'http').map(readHttp);
    expect(messages.length).toBeGreaterThanOrEqual(10);
    const person = await app.api.register({ time_zone: 'Europe/Vienna' });
    const names = new Names(new Map());
    for (let at = 0; at < messages.length; at += 2) {
      const [request, shown] = [messages[at]!, messages[at + 1]!];
      const [method = '', path = ''] = request.start.split(' ');
      const body = request.body === '' ? undefined : names.fill(request.body);
      const answer = await person.send(method, names.fill(path), body);
      expect([request.start, `${answer.status}`]).toEqual([request.start, shown.start.split(' ')[1]]);
      const differences = names.differences(JSON.parse(shown.body), answer.body);
      expect([request.start, differences]).toEqual([request.start, []]);
    }
  });
});
