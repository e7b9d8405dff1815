import { Entity, Index } from 'typeorm';
import { ownerKey, uuidColumn } from '../../../platform/database/columns.js';
import { SyncedRecord } from '../../../records/define/synced-record.js';

/** A food that one person marked: one of their own, or a shared one. */
@Entity('food_favorites')
@Index('idx_food_favorites_user_seq', ['userId', 'seq'])
@Index('idx_food_favorites_user_created', ['userId', 'deletedAt', 'createdAt', 'id'])
export class FoodFavorite extends SyncedRecord {
  @ownerKey('fk_food_favorites_user') userId!: string;
  @uuidColumn() foodId!: string;
}
