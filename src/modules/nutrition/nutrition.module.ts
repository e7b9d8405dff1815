import { Module } from '@nestjs/common';
import { FoodsModule } from './foods/foods.module.js';
import { MealsModule } from './meals/meals.module.js';

/** Food and drink. */
@Module({ imports: [FoodsModule, MealsModule] })
export class NutritionModule {}
