import { Module } from '@nestjs/common';
import { MealTypesController } from './meal-types.controller.js';

@Module({ controllers: [MealTypesController] })
export class MealTypesModule {}
