import { type FindOptionsOrder, type FindOptionsWhere, In, LessThan, type Repository } from 'typeorm';

const AT_ONCE = 100;

interface Expiring {
  expiresAt: Date;
}

/** Deletes some expired rows during another write. It deletes by key, so that it locks no other rows. */
export async function removeExpired<Row extends Expiring>(
  rows: Repository<Row>,
  key: keyof Row & string,
  before: Date,
): Promise<void> {
  const expired = await rows.find({
    where: { expiresAt: LessThan(before) } as FindOptionsWhere<Row>,
    order: { expiresAt: 'ASC' } as FindOptionsOrder<Row>,
    take: AT_ONCE,
  });
  if (expired.length > 0)
    await rows.delete({ [key]: In(expired.map((row) => row[key])) } as FindOptionsWhere<Row>);
}
