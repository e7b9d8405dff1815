import { type Content, instantIn, shortened, type Texts } from './letters.js';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const NOT_YOU =
  'If this was you, there is nothing to do. If it was not, somebody else has access to your account: set a new password at once. This signs everybody out.';

/** News of something that has happened to the account. */
const news = (subject: string, ...paragraphs: string[]): Content => ({
  subject,
  paragraphs: [...paragraphs, NOT_YOU],
  action: 'Set a new password',
  closing: [],
});

export const english: Texts = {
  greeting: 'Hello,',
  orCopy: 'Or copy this address into your browser:',
  signature: 'This mail was sent automatically by Hale.',
  when: instantIn('en-GB'),
  letters: {
    'verify-email': ({ days }) => ({
      subject: 'Confirm your e-mail address',
      paragraphs: ['Welcome to Hale. Please confirm that this is your e-mail address.'],
      action: 'Confirm address',
      closing: [
        `The link works for ${counted(days, 'day', 'days')}.`,
        'If you have not signed up for Hale, ignore this mail.',
      ],
    }),
    'already-registered': (_, when) => ({
      subject: 'You already have an account',
      paragraphs: [
        `On ${when}, somebody tried to sign up for Hale with this address. It already has an account, so nothing was changed.`,
        'If this was you, sign in. If you have forgotten your password, set a new one.',
      ],
      action: 'Set a new password',
      closing: ['If this was not you, there is nothing to do.'],
    }),
    'email-change-confirm': () => ({
      subject: 'Confirm your new e-mail address',
      paragraphs: ['You want to use this address for your Hale account. Please confirm that it is yours.'],
      action: 'Confirm new address',
      closing: ['If you have not asked for this, ignore this mail. Nothing is changed then.'],
    }),
    'email-changed': ({ newAddress }, when) =>
      news(
        'Your e-mail address was changed',
        `On ${when}, the e-mail address of your Hale account was changed to ${shortened(newAddress)}. This address is not used any more.`,
      ),
    'password-reset': ({ minutes }, when) => ({
      subject: 'Set a new password',
      paragraphs: [`On ${when}, somebody asked for a new password for your Hale account.`],
      action: 'Set a new password',
      closing: [
        `The link works once, for ${counted(minutes, 'minute', 'minutes')}.`,
        'If this was not you, ignore this mail. Your password stays as it is.',
      ],
    }),
    'password-changed': (_, when) =>
      news('Your password was changed', `On ${when}, the password of your Hale account was changed.`),
    'identity-linked': ({ provider }, when) =>
      news(
        `${provider} was linked to your account`,
        `On ${when}, a ${provider} account was linked to your Hale account. It can be used to sign in from now on.`,
      ),
    'identity-unlinked': ({ provider }, when) =>
      news(
        `${provider} was unlinked from your account`,
        `On ${when}, a ${provider} account was unlinked from your Hale account. It cannot be used to sign in any more.`,
      ),
    'link-attempted': ({ provider }, when) => ({
      subject: `Sign-in with ${provider} was refused`,
      paragraphs: [
        `On ${when}, somebody tried to sign in to Hale with a ${provider} account that has your e-mail address. It is not linked to your Hale account, so they were not let in.`,
        `If this was you, sign in with your password first, and link ${provider} in the settings. If you have forgotten your password, set a new one.`,
      ],
      action: 'Set a new password',
      closing: [`If this was not you, check who else has access to your ${provider} account.`],
    }),
    'account-taken': ({ provider }, when) => ({
      subject: 'Your account is yours alone now',
      paragraphs: [
        `On ${when}, you signed in to Hale with ${provider}. There was an account with your e-mail address already, and nobody had confirmed the address.`,
        'You have, so the account is yours. Whoever made it is signed out, and its old password does not work any more. What was kept in it is still there.',
      ],
      action: 'Set a new password',
      closing: ['You can go on signing in as you did. With a password of your own you have a second way in.'],
    }),
    'factor-enabled': ({ which }, when) =>
      news(
        'Sign-in was made safer',
        `On ${when}, a second step was added to the sign-in of your Hale account: ${which}.`,
      ),
    'factor-disabled': ({ which }, when) =>
      news(
        'A step of your sign-in was removed',
        `On ${when}, a second step was removed from the sign-in of your Hale account: ${which}.`,
      ),
    'passkey-added': ({ passkey }, when) =>
      news(
        'A passkey was added to your account',
        `On ${when}, a passkey was added to your Hale account: ${passkey}. It can be used to sign in from now on.`,
      ),
    'passkey-removed': ({ passkey }, when) =>
      news(
        'A passkey was removed from your account',
        `On ${when}, a passkey was removed from your Hale account: ${passkey}. It cannot be used to sign in any more.`,
      ),
    'recovery-code-used': ({ left }, when) =>
      news(
        'A recovery code was used',
        `On ${when}, somebody signed in to your Hale account with a recovery code. It does not work again. You have ${left === 0 ? 'none' : counted(left, 'code', 'codes')} left; new ones are made in the settings.`,
      ),
    'grant-received': (_, when) => ({
      subject: 'Somebody shares data with you',
      paragraphs: [`On ${when}, a person let you read some of their data in Hale.`],
      action: 'Open Hale',
      closing: [
        'You find it among what others share with you. They can see what you read, and end it any time.',
      ],
    }),
    'api-key-created': ({ keyName }, when) => ({
      subject: 'An API key was made for your account',
      paragraphs: [
        `On ${when}, an API key was made for your Hale account: “${keyName}”. A program that has it can use your data as far as the key allows, without your password.`,
        'If this was you, there is nothing to do. If it was not, somebody else has access to your account: set a new password at once, then delete the key in the settings. The new password alone does not end it.',
      ],
      action: 'Set a new password',
      closing: [],
    }),
    'session-stolen': (_, when) => ({
      subject: 'We have signed a device out',
      paragraphs: [
        `On ${when}, the sign-in of one of your devices was used in two places. Somebody may have copied it, so we have ended it: both have to sign in again.`,
        'If you have not restored the device from a backup, set a new password. This signs everybody out.',
      ],
      action: 'Set a new password',
      closing: [],
    }),
    'account-deleted': (_, when) => ({
      subject: 'Your account was deleted',
      paragraphs: [
        `On ${when}, your Hale account was deleted, with everything that was kept in it. It cannot be brought back.`,
        'If this was not you, somebody knows your password: change it wherever else you use it.',
      ],
      action: 'Go to Hale',
      closing: [],
    }),
  },
};
