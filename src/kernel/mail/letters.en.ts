import { type Content, hostOf, instantIn, shortened, type Texts } from './letters.js';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const NOT_YOU =
  'If this was you, there is nothing to do. If it was not, somebody else has access to your account: set a new password at once. This signs everybody out.';
const LOOK =
  'Then check in the settings that every passkey, linked account and API key is yours: a new password does not end them.';
const STAYS = 'The new password alone does not end it.';

/**
 * News of something that has happened to the account.
 * @param then what else helps whom it was not, since a new password is not all of it.
 */
const news = (subject: string, what: string, then = LOOK): Content => ({
  subject,
  paragraphs: [what, `${NOT_YOU} ${then}`],
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
        `On ${when}, somebody tried to use this address for a Hale account. It already has one, so nothing was changed.`,
        'If this was you, sign in. If you have forgotten your password, set a new one.',
      ],
      action: 'Set a new password',
      closing: ['If this was not you, there is nothing to do.'],
    }),
    'email-change-confirm': ({ days }) => ({
      subject: 'Confirm your new e-mail address',
      paragraphs: ['You want to use this address for your Hale account. Please confirm that it is yours.'],
      action: 'Confirm new address',
      closing: [
        `The link works for ${counted(days, 'day', 'days')}.`,
        'If you have not asked for this, ignore this mail. Nothing is changed then.',
      ],
    }),
    'email-change-asked': (_, when) =>
      news(
        'Another e-mail address for your account',
        `On ${when}, somebody who was signed in to your Hale account asked to use another e-mail address for it. This one stays until the other is confirmed.`,
        `While the other address is not confirmed, it also stops the change. ${LOOK}`,
      ),
    'email-changed': ({ link, newAddress }, when) => ({
      subject: 'Your e-mail address was changed',
      paragraphs: [
        `On ${when}, the e-mail address of your Hale account was changed to ${shortened(newAddress)}. This address is not used any more.`,
        `If this was you, there is nothing to do. If it was not, somebody else has your account, and a new password can no longer be mailed to you: write to the people who run ${hostOf(link)} at once.`,
      ],
      closing: [],
    }),
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
        `On ${when}, an account at ${provider} was linked to your Hale account. It can be used to sign in from now on.`,
        `Then unlink it in the settings. ${STAYS}`,
      ),
    'identity-unlinked': ({ provider }, when) =>
      news(
        `${provider} was unlinked from your account`,
        `On ${when}, an account at ${provider} was unlinked from your Hale account. It cannot be used to sign in any more.`,
      ),
    'link-attempted': ({ provider }, when) => ({
      subject: `Sign-in with ${provider} was refused`,
      paragraphs: [
        `On ${when}, somebody tried to sign in to Hale with an account at ${provider} that has your e-mail address. It is not linked to your Hale account, so they were not let in.`,
        `If this was you, sign in as you usually do first, and link ${provider} in the settings. If you have forgotten your password, set a new one.`,
      ],
      action: 'Set a new password',
      closing: [
        `If this was not you, your Hale account is as it was. If you have an account at ${provider}, check who else has access to it.`,
      ],
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
    'factor-enabled': ({ link, which }, when) =>
      news(
        'Sign-in was made safer',
        `On ${when}, a second step was added to the sign-in of your Hale account: ${which}.`,
        `You are asked for that step all the same: write to the people who run ${hostOf(link)}, who can take it away.`,
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
        `Then remove the passkey in the settings. ${STAYS}`,
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
        'Then make new codes in the settings: whoever had one may have the others.',
      ),
    'grant-received': (_, when) => ({
      subject: 'Somebody shares data with you',
      paragraphs: [
        `On ${when}, a person let you read some of their data in Hale.`,
        'In the app you find it among what others share with you. They can see what you read, and end it any time.',
      ],
      closing: [],
    }),
    'api-key-created': ({ keyName }, when) =>
      news(
        'An API key was made for your account',
        `On ${when}, an API key was made for your Hale account: “${keyName}”. A program that has it can use your data as far as the key allows, without your password.`,
        `Then delete the key in the settings. ${STAYS}`,
      ),
    'became-admin': (_, when) => ({
      subject: 'You are an admin now',
      paragraphs: [
        `On ${when}, an admin made your Hale account one that looks after the accounts of others.`,
        'You were signed out everywhere, and your password does not work any more. Set a new one of at least 15 characters. If your sign-in has no second step yet, add one in the settings.',
      ],
      action: 'Set a new password',
      closing: ['If you did not expect this, ask those who run the service.'],
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
    'account-deleted': ({ link }, when) => ({
      subject: 'Your account was deleted',
      paragraphs: [
        `On ${when}, your Hale account was deleted, with everything that was kept in it. It cannot be brought back.`,
        `If you did not ask for this, somebody may know your password: change it wherever else you use it, and write to the people who run ${hostOf(link)}.`,
      ],
      closing: [],
    }),
  },
};
