import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.js';
import { AnswerMemory, type HeldAnswer } from '../../src/kernel/answers/answer-memory.js';
import { Problem } from '../../src/kernel/http/problem.js';
import { SECRET } from '../support/app.js';

const MIB = 1_048_576;

describe('the memory of answers', () => {
  const memory = (ofUser: number, ofAll: number): AnswerMemory =>
    new AnswerMemory(
      loadConfig({
        JWT_SECRET: SECRET,
        ANSWER_MEMORY_PER_USER: String(ofUser),
        ANSWER_MEMORY: String(ofAll),
      }),
    );
  const now = (answer: HeldAnswer | Promise<HeldAnswer>): HeldAnswer => {
    expect(answer).not.toBeInstanceOf(Promise);
    return answer as HeldAnswer;
  };
  const codeOf = async (answer: HeldAnswer | Promise<HeldAnswer>): Promise<unknown> => {
    try {
      await answer;
      return 'admitted';
    } catch (error) {
      return (error as Problem).code;
    }
  };

  it('lets a request wait for running ones of the same client, and nobody else', async () => {
    const answers = memory(2, 10);
    const [first] = [now(answers.reserve('ada')), now(answers.reserve('ada'))];
    const third = answers.reserve('ada');
    expect(third).toBeInstanceOf(Promise);
    expect(await codeOf(answers.reserve('eve'))).toBe('admitted');
    // A small answer leaves room, although it is not taken yet.
    first.written(100);
    expect(third).toBeInstanceOf(Promise);
    first.release();
    expect(await codeOf(third)).toBe('admitted');
  });

  it('refuses those who wait when unread answers take the room', async () => {
    const answers = memory(2, 10);
    const [first, second] = [now(answers.reserve('ada')), now(answers.reserve('ada'))];
    const third = codeOf(answers.reserve('ada'));
    first.written(MIB);
    second.written(MIB);
    expect(await third).toBe('rate-limited');
    expect(() => answers.reserve('ada')).toThrow('rate-limited');
    expect(answers.unread).toBe(2 * MIB);
  });

  it('refuses everybody when all together have too many', async () => {
    const answers = memory(2, 2);
    const held = [now(answers.reserve('ada')), now(answers.reserve('eve'))];
    const waiting = codeOf(answers.reserve('bob'));
    for (const answer of held) answer.written(MIB);
    expect(await waiting).toBe('busy');
    expect(() => answers.reserve('bob')).toThrow('busy');
    held[0]!.release();
    expect(await codeOf(answers.reserve('bob'))).toBe('admitted');
  });

  it('counts what took no room before, and nothing after a release', async () => {
    const answers = memory(2, 2);
    const large = answers.holdWritten('ada', 1.5 * MIB);
    expect(() => answers.reserve('ada')).toThrow('rate-limited');
    large.release();
    const only = now(answers.reserve('ada'));
    only.release();
    only.release();
    only.written(MIB);
    expect(answers.unread).toBe(0);
    expect(await codeOf(answers.reserve('ada'))).toBe('admitted');
  });
});
