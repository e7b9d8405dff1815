import { Module } from '@nestjs/common';
import { FoodsModule } from '../foods/foods.module.js';
import { ItemFilling } from './item-filling.service.js';

/** What meals and recipes have in common: their items. */
@Module({ imports: [FoodsModule], providers: [ItemFilling], exports: [ItemFilling] })
export class ItemsModule {}
