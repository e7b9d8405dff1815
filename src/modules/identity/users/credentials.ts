import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type Repository } from 'typeorm';
import { UsersRepository } from './users.repository.js';

const CREDENTIAL = Symbol('hale:lets-in');

/** An entity that is marked by {@link Credential}. */
interface CredentialRow {
  readonly userId: string;
}

/**
 * Marks the table of a credential: something that gives access to the account in its `user_id`, or to its data.
 * `alone`: each row is a complete way to sign in, like a password.
 */
export const Credential = ({ alone = false } = {}): ClassDecorator =>
  Reflect.metadata(CREDENTIAL, { alone }) as ClassDecorator;

/** All credentials of an account. The tables are found by their mark, so that those of new modules are included. */
@Injectable()
export class Credentials {
  private readonly all: readonly Repository<CredentialRow>[];
  private readonly signInMethods: readonly Repository<CredentialRow>[];

  constructor(
    @InjectDataSource() source: DataSource,
    private readonly users: UsersRepository,
  ) {
    const marked = source.entityMetadatas.flatMap(({ target }) => {
      const mark = Reflect.getMetadata(CREDENTIAL, target as object) as { alone: boolean } | undefined;
      return mark ? [{ repository: source.getRepository<CredentialRow>(target), ...mark }] : [];
    });
    this.all = marked.map(({ repository }) => repository);
    this.signInMethods = marked.filter(({ alone }) => alone).map(({ repository }) => repository);
  }

  /** The number of ways to sign in. Call it under the person's lock before removing one: the last one must stay. */
  async countSignInMethods(userId: string): Promise<number> {
    let count = (await this.users.find(userId))?.passwordHash ? 1 : 0;
    for (const method of this.signInMethods) count += await method.countBy({ userId });
    return count;
  }

  /**
   * Deletes the password, sessions, keys, factors, links and grants; the records stay. Joins the caller's unit of work, under
   * the person's lock. After COMMIT the caller must make the session gate forget the person.
   */
  async deleteAll(userId: string, at: Date): Promise<void> {
    for (const credentials of this.all) await credentials.delete({ userId });
    await this.users.update(userId, { passwordHash: '', updatedAt: at });
  }
}
