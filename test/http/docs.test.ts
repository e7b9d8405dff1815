import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { errors } from '../../src/kernel/http/errors.js';
import { fnv1a64 } from '../../src/records/merge/digest.js';
import { closeCodes } from '../../src/kernel/sockets/socket-messages.js';
import { CONFLICT_DAYS, MUTATION_DAYS, TOMBSTONE_DAYS } from '../../src/records/define/retention.js';
import type { Answer, Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { blocksOf, Names, readHttp } from '../support/guide-messages.js';
import { NEW_KIND } from '../support/new-kind.js';
import { examplesOf, type Json, operations, responsesOf, resolve } from './openapi.support.js';

const guide = readFileSync('docs/sync.md', 'utf8');

/** Both bodies with the kinds that the guide lists: the service may have more. */
function ofShownKinds(shown: Json, answered: Json): [shown: Json, answered: Json] {
  const kinds: unknown = shown['kinds'];
  if (!Array.isArray(kinds) || typeof kinds[0] !== 'string') return [shown, answered];
  const listed = (answered['kinds'] as string[]).filter((kind) => kinds.includes(kind));
  return [shown, { ...answered, kinds: listed }];
}

describe.runIf(hasDatabase())('the guide to sync, played from top to bottom', () => {
  const names = new Map<string, string>();
  let app: TestApp;
  let person: Api;
  beforeAll(async () => {
    // The evening that the guide describes.
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-06T21:00:00.000Z') });
    app = await TestApp.start();
    person = await app.api.register();
    names.set('access_token', person.account['access_token'] as string);
  });
  afterAll(async () => {
    vi.useRealTimers();
    await app.stop();
  });

  function send({ start, headers, body }: ReturnType<typeof readHttp>): Promise<Answer> {
    const [method = '', path = ''] = start.split(' ');
    const filled = body === '' ? undefined : new Names(names).fill(body);
    const type: Record<string, string> = filled === undefined ? {} : { 'content-type': 'application/json' };
    const own = Object.fromEntries(headers.map(([name, value]) => [name, new Names(names).fill(value)]));
    return person.with({ ...type, ...own }).send(method, new Names(names).fill(path), filled);
  }

  it('every request gets the answer in the guide', async () => {
    const messages = blocksOf(guide, 'http').map(readHttp);
    expect(messages.length).toBeGreaterThan(40);
    for (let at = 0; at < messages.length; at += 2) {
      const [request, shown] = [messages[at]!, messages[at + 1]!];
      expect(request.start).toMatch(/^(GET|POST) \/api\//);
      const answer = await send(request);
      expect([request.start, `${answer.status}`, answer.body]).toEqual([
        request.start,
        shown.start.split(' ')[1],
        answer.body,
      ]);
      const came = Object.fromEntries(answer.headers);
      const differences = [
        ...new Names(names).differences(
          Object.fromEntries(shown.headers.map(([name, value]) => [name.toLowerCase(), value])),
          came,
        ),
        ...(shown.body === ''
          ? []
          : new Names(names).differences(...ofShownKinds(JSON.parse(shown.body), answer.body))),
      ];
      expect([request.start, request.body, differences]).toEqual([request.start, request.body, []]);
    }
  });

  it('the WebSocket messages are those in the guide', async () => {
    const said = blocksOf(guide, 'text').find((text) => text.startsWith('client'))!;
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/sync`, ['hale.sync.v1']);
    const heard: unknown[] = [];
    let wake = (): void => undefined;
    socket.on('message', (data) => {
      heard.push(JSON.parse(String(data)));
      wake();
    });
    await new Promise((opened) => socket.once('open', opened));
    for (const line of said.trim().split('\n')) {
      const [, who, message] = /^(client|server) +(.*)$/.exec(line)!;
      if (who === 'client') {
        socket.send(new Names(names).fill(message!));
        continue;
      }
      while (heard.length === 0) await new Promise<void>((resolved) => (wake = resolved));
      expect(new Names(names).differences(JSON.parse(message!), heard.shift())).toEqual([]);
    }
    socket.close();
  });
});

describe('the guide to sync', () => {
  const section = (title: string): string => guide.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!;
  const rowsOf = (text: string): string[][] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\|[-| ]+$/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split(' | ')
          .map((cell) => cell.trim()),
      );

  it('lists F1 to F66, each with a test or the reason why it cannot occur', () => {
    const rows = rowsOf(section('What can go wrong')).slice(1);
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 66 }, (_, index) => `F${index + 1}`));
    for (const [number = '', , answer = '', where = ''] of rows) {
      const tests = [...where.matchAll(/`((?:clients\/typescript\/)?test\/[^`]+)`(?: “([^”]+)”)?/g)];
      if (tests.length === 0) expect([number, answer]).toEqual([number, expect.stringMatching(/^Cannot /)]);
      for (const [, file = '', name] of tests) {
        expect([number, file, existsSync(file)]).toEqual([number, file, true]);
        const code = readFileSync(file, 'utf8');
        const shows = name === undefined ? new RegExp(`\\b${number}\\b`).test(code) : code.includes(name);
        expect([number, file, name, shows]).toEqual([number, file, name, true]);
      }
    }
  });

  it('lists every error that sync can return, and no other', () => {
    const answered = operations
      .filter(({ path }) => path.startsWith('/api/sync'))
      .flatMap((operation) => responsesOf(operation))
      .flatMap(([, response]) => examplesOf(resolve(response)).map(([name]) => name))
      .filter((name) => name in errors);
    const listed = rowsOf(section('Errors')).flatMap(
      ([, code = '']) => /^`([a-z-]+)`$/.exec(code)?.[1] ?? [],
    );
    expect(listed.toSorted()).toEqual([...new Set(answered)].toSorted());
  });

  it('explains every status, code and close code', () => {
    for (const status of ['applied', 'merged', 'duplicate', 'superseded', 'conflict', 'gone', 'rejected'])
      expect(rowsOf(section('Push')).map(([cell]) => cell)).toContain(`\`${status}\``);
    const codes = rowsOf(section('Realtime')).map(([cell]) => cell);
    for (const code of Object.values(closeCodes)) expect(codes).toContain(`${code}`);
  });

  it('states hashes and retention times as they are implemented', () => {
    const vectors = rowsOf(section('Digest')).filter(([text]) => text!.startsWith('`'));
    for (const [text = '', hash] of vectors) expect(`${fnv1a64(text.slice(1, -1))}`).toBe(hash);
    expect(vectors).toHaveLength(2);
    const sum = rowsOf(section('Digest')).find(([text]) => text!.startsWith('sum'));
    const total = vectors.reduce((all, [, hash]) => all + BigInt(hash!), 0n);
    expect(sum?.[1]).toBe(`${BigInt.asUintN(64, total)}`);
    const kept = section('How long data is kept');
    for (const [what, days] of [
      ['Tombstones', TOMBSTONE_DAYS],
      ['Results of mutations', MUTATION_DAYS],
      ['Conflicts', CONFLICT_DAYS],
    ] as const)
      expect(kept).toContain(`| ${what} | ${days} days |`);
  });

  it('has working links and names existing commands, like the run-book', () => {
    const anchorsOf = (text: string): string[] =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts as object);
    for (const page of ['sync.md', 'operations.md']) {
      const text = readFileSync(`docs/${page}`, 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [file = '', anchor] = link.split('#');
        const target = `docs/${file === '' ? page : file}`;
        expect([page, link, existsSync(target)]).toEqual([page, link, true]);
        if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
      }
      for (const [, script] of text.matchAll(/`npm run ([\w:-]+)/g)) expect(scripts).toContain(script);
    }
    expect(readFileSync('docs/operations.md', 'utf8')).toContain(`${TOMBSTONE_DAYS} days must be more than`);
  });
});

describe('the pages for developers', () => {
  const pages = ['docs/new-kind.md', 'docs/architecture.md'];
  /** The files of the recipe, which `test/process/new-kind.test.ts` creates. */
  const made = new Set(Object.keys(NEW_KIND));
  const isMade = (path: string): boolean =>
    made.has(path.replace(/\b17\d{11}/, '1999999999999')) ||
    [...made].some((file) => file.startsWith(`${path}/`));

  it.each(pages)('%s names existing files and commands', (page) => {
    const text = readFileSync(page, 'utf8');
    const prose = text.replaceAll(/^```ts\n[\s\S]*?^```$/gm, '');
    const paths = [...prose.matchAll(/\b(?:src|test|docs|migrations|tools|clients)\/[\w./{},-]*[\w}]/g)]
      .map(([path]) => path)
      .flatMap((path) => {
        const [, start = '', names] = /^(.*)\{([\w,]+)\}$/.exec(path) ?? [];
        return names === undefined ? [path] : names.split(',').map((name) => start + name);
      });
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(path) && !isMade(path))).toEqual([]);
    const scripts = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).scripts as object);
    for (const [, script = '', workspace] of text.matchAll(/npm run ([\w:-]+)( +--workspace)?/g))
      if (workspace === undefined) expect(scripts).toContain(script);
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g))
      expect([link, existsSync(`docs/${link}`)]).toEqual([link, true]);
  });

  it('the architecture states how long a tombstone is kept', () => {
    expect(readFileSync('docs/architecture.md', 'utf8')).toContain(`tombstone for ${TOMBSTONE_DAYS} days`);
  });

  it('are linked from the README and from CONTRIBUTING', () => {
    for (const file of ['README.md', 'CONTRIBUTING.md'])
      for (const page of pages) expect(readFileSync(file, 'utf8')).toContain(`(${page})`);
  });
});
