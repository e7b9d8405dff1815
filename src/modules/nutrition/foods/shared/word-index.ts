import { Injectable } from '@nestjs/common';
import { batchesOf, slicesOf } from '../../../../platform/database/batches.js';
import { Database, placeholders } from '../../../../platform/database/database.js';
import { grouped } from '../../../../platform/grouped.js';
import { indexWords, MAX_STORED_PREFIX, prefixRow } from './index-words.js';
import { CHUNK, PlaceSet } from './place-set.js';

/** A food whose words change. An absent text has no words. */
export interface WordChange {
  readonly place: number;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** How many chunks are read at once: the first alone, because common words fill the answer from there. */
const STEPS = [1, 3, 12, 64] as const;
const INSERTED_AT_ONCE = 200;

interface Row {
  readonly chunk: number;
  readonly word: string;
  readonly places: string;
}

/**
 * Which shared foods contain which words. A search reads one small row for each word and chunk, and stops when it has enough: it
 * never reads or sorts all foods that contain a common word.
 */
@Injectable()
export class WordIndex {
  constructor(private readonly database: Database) {}

  /**
   * Finds the foods that contain all words, and a word that begins with the prefix.
   * @returns the first `most` places, in ascending order.
   */
  async find(words: readonly string[], prefix: string, end: number, most: number): Promise<number[]> {
    const found: number[] = [];
    const last = Math.ceil(end / CHUNK);
    for (let [from, step] = [0, 0]; from < last && found.length < most; step++) {
      const count = STEPS[Math.min(step, STEPS.length - 1)] ?? 1;
      const chunks = Array.from({ length: count }, (_, at) => from + at);
      for (const [chunk, set] of await this.matches(chunks, words, prefix))
        for (const place of set.places) if (found.push(chunk * CHUNK + place) === most) return found;
      from += count;
    }
    return found;
  }

  /** The foods of some chunks that match, in the order of the chunks. */
  private async matches(
    chunks: readonly number[],
    words: readonly string[],
    prefix: string,
  ): Promise<[number, PlaceSet][]> {
    const isShort = [...prefix].length <= MAX_STORED_PREFIX;
    const rows = isShort ? [...words, prefixRow(prefix)] : words;
    const sets = rows.length === 0 ? undefined : await this.intersected(chunks, rows);
    if (isShort) return [...(sets ?? [])];
    const candidates = sets ? chunks.filter((chunk) => sets.has(chunk)) : chunks;
    if (candidates.length === 0) return [];
    const unions = await this.united(chunks, candidates, prefix);
    for (const [chunk, set] of unions) {
      const own = sets?.get(chunk);
      if (own) set.intersect(own);
    }
    return [...unions];
  }

  /** The foods of each chunk that are in all these rows. A chunk without one is left out. */
  private async intersected(
    chunks: readonly number[],
    words: readonly string[],
  ): Promise<Map<number, PlaceSet>> {
    const rows = await this.read(chunks, `word IN (${placeholders(words.length)})`, words);
    const byChunk = grouped(rows, ({ chunk }) => chunk);
    const sets = new Map<number, PlaceSet>();
    for (const chunk of chunks) {
      const own = byChunk.get(chunk) ?? [];
      if (own.length < words.length) continue;
      const [set, ...others] = own.map(({ places }) => PlaceSet.of(places));
      for (const other of others) set?.intersect(other);
      if (set && !set.isEmpty) sets.set(chunk, set);
    }
    return sets;
  }

  /** The foods of each candidate chunk that have a word with this prefix. */
  private async united(
    chunks: readonly number[],
    candidates: readonly number[],
    prefix: string,
  ): Promise<Map<number, PlaceSet>> {
    // As many placeholders for one chunk as for all, so that there are few different statements.
    const padded = chunks.map((_, at) => candidates[at] ?? candidates[0] ?? 0);
    const rows = await this.read(padded, 'word >= ? AND word < ?', [prefix, `${prefix}\u{10ffff}`]);
    const sets = new Map<number, PlaceSet>();
    for (const { chunk, places } of rows.toSorted((a, b) => a.chunk - b.chunk)) {
      const set = sets.get(chunk) ?? new PlaceSet();
      set.include(places);
      sets.set(chunk, set);
    }
    return sets;
  }

  private read(chunks: readonly number[], condition: string, values: readonly string[]): Promise<Row[]> {
    return this.database.rows<Row>(
      `SELECT chunk, word, places FROM shared_food_words WHERE chunk IN (${placeholders(chunks.length)}) AND ${condition}`,
      [...chunks, ...values],
      false,
    );
  }

  /** Writes what changed. Call it under the lock of the writers, in their unit of work. */
  async write(changes: readonly WordChange[]): Promise<void> {
    for (const [chunk, own] of grouped(changes, ({ place }) => Math.floor(place / CHUNK)))
      await this.writeChunk(chunk, own);
  }

  private async writeChunk(chunk: number, changes: readonly WordChange[]): Promise<void> {
    const edits = editsOf(changes);
    for (const words of batchesOf([...edits.keys()])) {
      const sets = new Map<string, PlaceSet>();
      const where = `word IN (${placeholders(words.length)})`;
      for (const { word, places } of await this.read([chunk], where, words))
        sets.set(word, PlaceSet.of(places));
      for (const word of new Set(words)) {
        const set = sets.get(word) ?? new PlaceSet();
        for (const edit of edits.get(word) ?? []) edit(set);
        sets.set(word, set);
      }
      await this.database.execute(`DELETE FROM shared_food_words WHERE chunk = ? AND ${where}`, [
        chunk,
        ...words,
      ]);
      await this.insert(chunk, sets);
    }
  }

  private async insert(chunk: number, sets: ReadonlyMap<string, PlaceSet>): Promise<void> {
    const rows = [...sets].flatMap(([word, { stored }]) =>
      stored === undefined ? [] : [[chunk, word, stored]],
    );
    for (const part of slicesOf(rows, INSERTED_AT_ONCE))
      await this.database.execute(
        `INSERT INTO shared_food_words (chunk, word, places) VALUES ${part.map(() => '(?, ?, ?)').join(', ')}`,
        part.flat(),
      );
  }
}

type Edit = (set: PlaceSet) => void;

function editsOf(changes: readonly WordChange[]): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>();
  const note = (word: string, edit: Edit) => {
    const known = edits.get(word);
    if (known) known.push(edit);
    else edits.set(word, [edit]);
  };
  for (const { place, before = '', after = '' } of changes) {
    const [old, current] = [indexWords(before), indexWords(after)];
    const at = place % CHUNK;
    for (const word of old) if (!current.has(word)) note(word, (set) => set.delete(at));
    for (const word of current) if (!old.has(word)) note(word, (set) => set.add(at));
  }
  return edits;
}
