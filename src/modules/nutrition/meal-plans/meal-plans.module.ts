import { Module } from '@nestjs/common';
import { ItemsModule } from '../items/items.module.js';
import { MealsModule } from '../meals/meals.module.js';
import { MealPlansController } from './meal-plans.controller.js';
import { MealPlansService } from './meal-plans.service.js';

@Module({
  imports: [ItemsModule, MealsModule],
  controllers: [MealPlansController],
  providers: [MealPlansService],
})
export class MealPlansModule {}
