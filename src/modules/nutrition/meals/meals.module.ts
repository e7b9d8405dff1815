import { Module } from '@nestjs/common';
import { MealsController } from './meals.controller.js';

@Module({ controllers: [MealsController] })
export class MealsModule {}
