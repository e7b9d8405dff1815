import { defineLetter } from '../../../kernel/letters/letters.js';

/** Sent to the person who may now read the data. */
export const grantReceivedLetter = defineLetter<object>('grant-received', {
  en: (_, when) => ({
    subject: 'Somebody shares data with you',
    paragraphs: [
      `On ${when}, a person allowed you to read some of their data in Hale.`,
      'The app lists it with the data that others share with you. The person can see what you read, and can end it at any time.',
    ],
    closing: [],
  }),
  de: (_, when) => ({
    subject: 'Jemand teilt Daten mit Ihnen',
    paragraphs: [
      `Am ${when} hat Ihnen jemand erlaubt, einen Teil seiner Daten in Hale zu lesen.`,
      'In der App finden Sie sie bei dem, was andere mit Ihnen teilen. Die Person sieht, was Sie lesen, und kann es jederzeit beenden.',
    ],
    closing: [],
  }),
});
