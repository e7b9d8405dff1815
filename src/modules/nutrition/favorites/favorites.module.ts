import { Module } from '@nestjs/common';
import { FoodsModule } from '../foods/foods.module.js';
import { FoodFavoritesController } from './food-favorites.controller.js';
import { FoodFavoritesService } from './food-favorites.service.js';

@Module({
  imports: [FoodsModule],
  controllers: [FoodFavoritesController],
  providers: [FoodFavoritesService],
})
export class FavoritesModule {}
