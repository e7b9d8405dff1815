import { defineLetter } from '../../../kernel/letters/letters.js';

/** Sent to the person whose goal it is. It names no goal: what people aim at is nobody else's business. */
export const goalReachedLetter = defineLetter<object>('goal-reached', {
  en: (_, when) => ({
    subject: 'You have reached a goal',
    paragraphs: [
      `On ${when}, you reached one of your goals in Hale. Congratulations!`,
      'The app shows which one, and how you got there.',
    ],
    closing: [],
  }),
  de: (_, when) => ({
    subject: 'Sie haben ein Ziel erreicht',
    paragraphs: [
      `Am ${when} haben Sie eines Ihrer Ziele in Hale erreicht. Herzlichen Glückwunsch!`,
      'Welches es ist und wie Sie dorthin gekommen sind, sehen Sie in der App.',
    ],
    closing: [],
  }),
});
