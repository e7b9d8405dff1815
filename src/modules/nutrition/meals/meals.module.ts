import { Module } from '@nestjs/common';
import { ItemsModule } from '../items/items.module.js';
import { MealDayValues } from './meal-day-values.js';
import { MealsController } from './meals.controller.js';
import { NewMealsService } from './new-meals.service.js';
import { RecentFoodsController } from './recent-foods.controller.js';
import { MealsService } from './meals.service.js';

@Module({
  imports: [ItemsModule],
  controllers: [MealsController, RecentFoodsController],
  providers: [MealDayValues, MealsService, NewMealsService],
  exports: [NewMealsService],
})
export class MealsModule {}
