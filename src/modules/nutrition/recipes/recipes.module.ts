import { Module } from '@nestjs/common';
import { ItemsModule } from '../items/items.module.js';
import { RecipesController } from './recipes.controller.js';

@Module({ imports: [ItemsModule], controllers: [RecipesController] })
export class RecipesModule {}
