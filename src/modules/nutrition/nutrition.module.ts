import { Module } from '@nestjs/common';
import { MealsModule } from './meals/meals.module.js';

/** Food and drink. */
@Module({ imports: [MealsModule] })
export class NutritionModule {}
