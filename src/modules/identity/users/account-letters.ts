import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import type { LetterDefinition } from '../../../kernel/letters/letters.js';
import { Mails } from '../../../kernel/letters/mails.js';
import type { User } from './user.entity.js';

/** Letters about an account, in the language of its owner. All join the caller's unit of work. */
@Injectable()
export class AccountLetters {
  /** URL of the page for setting a new password. */
  readonly help: string;
  /** URL of the service, for letters that no link can help: it names the operator. */
  readonly home: string;

  constructor(
    private readonly mails: Mails,
    private readonly config: Config,
  ) {
    this.help = config.accountLink('forgot-password');
    this.home = config.env.PUBLIC_URL;
  }

  /** URL of the page that uses a token. */
  linkTo(page: Parameters<Config['accountLink']>[0], token: string): string {
    return this.config.accountLink(page, token);
  }

  /** Whether a letter that somebody asked for may be written: as {@link Mails.hasRoomFor}. */
  hasRoomFor({ id }: User): Promise<boolean> {
    return this.mails.hasRoomFor(id);
  }

  /** Sends to the address of the account. An unsent letter is deleted with the account. */
  send<Values extends object>(user: User, letter: LetterDefinition<Values>, values: Values): Promise<void> {
    return this.sendTo(user.email, user, letter, values);
  }

  /** Sends to another address. */
  sendTo<Values extends object>(
    email: string,
    { id, locale }: User,
    letter: LetterDefinition<Values>,
    values: Values,
  ): Promise<void> {
    return this.mails.send(id, email, locale, letter, values);
  }

  /** Sends to the address of an account that is about to be deleted; the letter is kept until it is sent. */
  sendLast<Values extends object>(
    { email, locale }: User,
    letter: LetterDefinition<Values>,
    values: Values,
  ): Promise<void> {
    return this.mails.send(null, email, locale, letter, values);
  }
}
