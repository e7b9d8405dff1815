import { describe, expect, it } from 'vitest';
import { gtin14 } from '../../src/modules/nutrition/foods/gtin.js';
import { searchText, wordsOf } from '../../src/modules/nutrition/foods/folding.js';

describe('barcodes', () => {
  it.each([
    ['4006381333931', '04006381333931'],
    ['036000291452', '00036000291452'],
    ['0036000291452', '00036000291452'],
    ['00036000291452', '00036000291452'],
    ['96385074', '00000096385074'],
  ])('%s is %s', (text, normal) => expect(gtin14(text)).toBe(normal));

  it.each(['4006381333932', '0000000000000', '123', '40063813339310', '4006381333931 ', '400638133393x', ''])(
    '"%s" is none',
    (text) => expect(gtin14(text)).toBeUndefined(),
  );

  it('one wrong digit is always noticed', () => {
    const code = '4006381333931';
    for (let at = 0; at < code.length; at++)
      for (const digit of '0123456789') {
        const text = code.slice(0, at) + digit + code.slice(at + 1);
        expect([text, gtin14(text) !== undefined]).toEqual([text, text === code]);
      }
  });
});

describe('words of a search', () => {
  it.each([
    ['Crème Brûlée', ['creme', 'brulee']],
    ['Weißbrot, Œuf & Æble: Ørret', ['weissbrot', 'oeuf', 'aeble', 'orret']],
    ['ŁÓDŹ İstanbul', ['lodz', 'istanbul']],
    ['Müsli 1,5 % (500g)', ['musli', '1', '5', '500g']],
    ['+milk -"sour*" (%_)', ['milk', 'sour']],
    ['ﬁsh　酱油', ['fish', '酱油']],
  ])('%s', (text, words) => expect(wordsOf(text)).toEqual(words));

  it('a text has each word once, and fits its column', () => {
    expect(searchText('Milk', null, 'milk & honey')).toBe(' milk honey ');
    const long = searchText(Array.from({ length: 200 }, (_, at) => `word${at}`).join(' '), 'x'.repeat(100));
    expect(long.length).toBeLessThanOrEqual(400);
    expect(long.startsWith(' word0 ') && long.endsWith(' ')).toBe(true);
  });
});
