import { type Random, seededRandom } from '../support/random.js';

const COMMON =
  'chicken chocolate cheese chips cherry chili milk organic bread butter cream yogurt apple sauce rice beef pork fish salmon tuna bean lentil tomato potato onion garlic pepper salt sugar honey oil olive wine beer juice water tea coffee cake cookie biscuit bar cereal oat wheat rye corn soy nut almond walnut hazelnut peanut vanilla strawberry raspberry blueberry lemon orange banana mango coconut pasta pizza soup salad sandwich burger sausage ham bacon egg vegan natural fresh frozen light free whole grain classic original mini dark white red green black'.split(
    ' ',
  );
const SYLLABLES =
  'ba be bi bo bu ca ce ci co cu cha che chi cho da de di do fa fe fi ga ge gi go ha he ho ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi za zo'.split(
    ' ',
  );
const RARE = 60_000;
/** The share of common words in names. The most common one is in a tenth of all names. */
const SHARE_OF_COMMON = 0.55;

/** Makes names of two to six words. As in real tables, few words are in very many names, and most are in few. */
export class FoodNames {
  private readonly random: Random;
  private readonly rare: readonly string[];

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.rare = Array.from({ length: RARE }, () =>
      Array.from({ length: 2 + this.below(3) }, () => SYLLABLES[this.below(SYLLABLES.length)]).join(''),
    );
  }

  next(): readonly string[] {
    const words = new Set<string>();
    const count = 2 + this.below(5);
    while (words.size < count) words.add(this.word());
    return [...words];
  }

  private word(): string {
    return this.random() < SHARE_OF_COMMON ? this.oneOf(COMMON, 2) : this.oneOf(this.rare, 2.5);
  }

  /** The higher the exponent, the more often the first ones. */
  private oneOf(words: readonly string[], exponent: number): string {
    return words[Math.floor(words.length * this.random() ** exponent)] ?? '';
  }

  private below(end: number): number {
    return Math.floor(this.random() * end);
  }
}
