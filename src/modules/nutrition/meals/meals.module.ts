import { Module } from '@nestjs/common';
import { FoodsModule } from '../foods/foods.module.js';
import { MealDayValues } from './meal-day-values.js';
import { MealsController } from './meals.controller.js';
import { MealsService } from './meals.service.js';

@Module({ imports: [FoodsModule], controllers: [MealsController], providers: [MealDayValues, MealsService] })
export class MealsModule {}
