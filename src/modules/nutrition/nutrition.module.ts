import { Module } from '@nestjs/common';
import { FoodsModule } from './foods/foods.module.js';
import { MealTypesModule } from './meal-types/meal-types.module.js';
import { MealsModule } from './meals/meals.module.js';

/** Food and drink. */
@Module({ imports: [FoodsModule, MealsModule, MealTypesModule] })
export class NutritionModule {}
