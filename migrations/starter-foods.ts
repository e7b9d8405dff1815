/**
 * Everyday foods of the French food composition table, so that a new server finds something: Anses. 2020. Ciqual French food composition
 * table, Licence Ouverte 2.0 (Etalab). A line has the code, the name, the group, and of 100 g: energy in kcal, then in grams protein,
 * carbohydrates, sugars, fibre, fat and saturated fat, then sodium in mg. An empty value is unknown.
 */
export const STARTER_FOODS = `
1002|Gin|alcoholic beverages|265|0|0|0|0|0|0|2
1003|Liqueur|alcoholic beverages|328|0.1|39.6|35.3|0|0.3|0.083|7.25
1004|Rum|alcoholic beverages|256|0|0|0|0|0|0|1
1005|Whisky|alcoholic beverages|252|0|0.096|0.096|0|0|0|0
1008|Vodka|alcoholic beverages|242|0|0|0|0|0|0|1
4000|Tapioca, raw|potatoes and other tubers|354|0.19|87.8|3.35|0.9|0.02|0.005|1
4023|New potato, raw|potatoes and other tubers|76.4|1.88|15.9|0.2|1.3|0.3|0.058|23
4101|Sweet potato, raw|potatoes and other tubers|86.3|1.51|18.3|5.64|2.87|0.15|0.064|39.3
5214|Wine, red|alcoholic beverages|82.1|0.07|2.63|0.62|0|0|0|1.01
6001|Beef, rib, raw|raw meat|251|18.7|0||0|19.6||65
6101|Beef, braised|cooked meat|240|32.1|0||0|12.4|5.72|
7170|Panini bread|breads and similar|272|7.66|55.9|2.3|2.6|1.1|0.22|619
7180|Pita bread|breads and similar|259|7.53|53|2.18|2.68|0.92|0.17|543
7258|Bagel|breads and similar|272|9.26|47.3|5.36|3.42|3.98|1.02|410
7263|Bretzel|breads and similar|330|9.18|54.6|3.58|3.8|7.1|0.95|1340
7300|Rusk|breads and similar|409|9.8|76.6|6.8|3.1|5.9|1.98|509
7500|Breadcrumbs|breads and similar|374|11.6|70|6.9|4.5|3.77|0.94|728
7600|Pastry, average food|Viennese pastries|380|7.77|49.1|12.8|2.43|16.2|8.6|417
7602|Croissant|Viennese pastries|375|6.65|40.4|8.83|2.32|20|11.6|450
7711|Milk roll, prepacked|Viennese pastries|359|8.94|52.2|11.9|1.8|12.3|5.54|423
7740|Brioche, prepacked|Viennese pastries|354|8.13|52.7|12.7|2.2|11.8|5.01|401
7741|Brioche|Viennese pastries|401|11.3|46|5.7|0.5|19.1|7.84|451
7811|Focaccia, filled|sandwiches|233|8|29.5|4.25|2.25|8.75|1.75|585
7812|Fougasse, filled|sandwiches|306|9.53|38.8|1.47|3.2|11.8|2.74|711
8245|Game pâté|delicatessen meat and similar|284|15|4|2|0.5|23|9|610
8293|Taramasalata, prepacked|fish products|534|6.75|3.19|0.75|0.74|54.8|4.61|676
9001|Spelt, raw|pasta, rice and grains|344|14.6|59.5|6.68|10.7|2.43|0.41|8
9100|Rice, raw|pasta, rice and grains|352|7.04|78|0.16|1.05|0.91|0.2|2.28
9310|Oat, raw|pasta, rice and grains|378|16.9|55.7|1.2|10.6|6.9|1.22|2
9330|Millet, whole|pasta, rice and grains|359|11|64.3||8.5|4.21|0.72|2.7
9340|Quinoa, raw|pasta, rice and grains|358|13.2|58.1||7|6.07|0.71|5
9621|Wheat bran|miscellaneous ingredients|279|15.4|23.6|2.46|42|4.35|0.84|13.3
9640|Oat bran|miscellaneous ingredients|359|15.8|51|2.23|16.7|6.48|1.16|6.5
9643|Rice bran|miscellaneous ingredients|398|13.9|28.1|0.9|21|20.9|4.17|5
9660|Wheat germ|miscellaneous ingredients|375|27.2|35.1|10|16.3|9.5|1.83|7.2
10001|Squid, raw|seafood, raw|77|14.4|2.17|0|0|1.19|0.28|243
10006|Shrimp, cooked|seafood, cooked|89.9|18.3|1.47||0|1.2|0.31|458
10008|Snail, raw|seafood, raw|77.9|16.1|1.29|0|0|0.92|0.19|138
10017|Clam, raw|seafood, raw|80.5|11.5|2.66|0.16|0|2.65|0.21|329
10019|Whelk, raw|seafood, raw|131|23.8|7.61|0|0|0.57|0.031|206
10020|Whelk, cooked|seafood, cooked|97.7|20.7|2.69|0|0|0.47|0.072|387
10023|Shrimp fritters|fish products|222|6.5|26|11|1|10|0.5|770
10031|Crayfish, cooked|seafood, cooked|73.5|16.3|0.56|0.25|0|0.7|0.17|85.7
10039|Crab, raw|seafood, raw|104|19.5|0.027|0|0|2.86|0.47|275
10079|Octopus, common, cooked|seafood, cooked|156|29.8|4.4|0|0|2.08|0.45|460
10080|Seafood, cooked, frozen|seafood, cooked|79.5|13.5|2.83|0|0|1.57|0.45|402
11008|Ketchup, prepacked|sauces|99|1.27|21.4|20.8|1.15|0.19|0.069|1030
11013|Mustard|condiments|152|6.92|4.33|1.66|1|11.2|0.76|1860
11017|Salt, white (sea, igneous or rock), no enrichment|salts|0|0|0|0|0|0|0|39100
11018|Vinegar|condiments|22.6|0.04|0.62|0.04|0|0.1|0|13.1
11021|Mustard, with grains|condiments|142|6.6|2.2|2.2|4.5|9.9|0.61|1960
11027|Mint, fresh|herbs|57.6|3.52|5.3|5.3|7.4|0.84|0.22|30.5
11029|Mint, dried|herbs|283|19.9|22.2||29.8|6.03|1.58|344
11037|Sage, dried|herbs|320|10.6|20.4|1.71|40.3|12.8|7.03|11
11039|Saffron|spices|352|11.4|61.5|42.4|3.9|5.85|1.59|148
11042|Cumin, seed|spices|427|17.8|33.7|2.25|10.5|22.3|1.54|168
11044|Celery salt|salts|49|1.81|4.14|0|1.19|2.53||35000
11048|Nutmeg|spices|507|5.3|28.5|2.99|20.8|36.3|25.9|16
11049|Paprika|spices|319|14.1|19.1|10.3|34.9|12.9|2.14|68
11052|Cloves|spices|335|5.97|31.6|2.38|33.9|13|3.95|277
11069|Sage, fresh|herbs|36.7|4|0.97|0.3|7|0.5|0.01|11.1
11082|Pure sea salt, no enrichment|salts|0|0|0|0|0|0||37700
11083|Sea salt, grey, no enrichment|salts|0|0|0|0|0|0||32200
11091|Vinegar, balsamic|condiments|125|0.69|25.8|19.1|0.5|0.6|0|27
11093|Dill, fresh|herbs|48.2|3.93|3.9|1.2|3.5|1.1|0.27|27
11100|Barbecue sauce, prepacked|sauces|136|0.56|30.3|27.5|1.2|0.6|0.1|706
11104|Soy sauce, prepacked|sauces|45.5|7.08|3.64|1.32|0.86|0.1|0.0085|7440
11132|Curry sauce, prepacked|sauces|77.4|1.02|10.6|5.83|1.28|3.16|2.11|447
11172|Aromatic stock cube, for fish, dehydrated|cooking aids|260|5|7|4.5|2.5|23|16|19000
11175|Madeira wine aspic, dehydrated|cooking aids|248|44.5|17|1.25|0.1|0.2|0.1|11500
11176|Madeira wine aspic|cooking aids|11.3|2|0.8|0.1|0.004|0.01|0.004|590
11179|Sauce, pesto, prepacked|sauces|370|3.94|6.6|3.2|2.5|35.4|4.39|1060
11304|Veal stock, prepacked|cooking aids|40.9|3.15|2.4|0.7|0.1|2.05|1|340
11506|Aspartame sweetener, in tablets|sugars and honey|216|6.35|69.3|6.65|2.2|0|0|327
12029|Maroilles "laitier" cheese|cheese and similar|338|22.3|0||0|27.8|17.5|766
12030|Maroilles "fermier" cheese|cheese and similar|349|21.2|0||0|29.5|17.3|821
12064|Boulette d'Avesnes cheese|cheese and similar|355|20.9|0|0|0|30|19.8|797
12066|Feta cheese, PDO|cheese and similar|285|15.1|0.65|0|0|24.3|16.8|908
12100|Hard cheese (average)|cheese and similar|390|28|0|0.0086|0|30.8|20.1|310
12999|Cheese (average)|cheese and similar|338|21.8|0.56|0.27|0|27.4|18.2|510
13012|Fig, raw|fruits|69.4|1.19|13.5|12.2|4.1|0.5|0.01|5
13015|Raspberry, raw|fruits|49.2|1.19|5.83|5.4|4.3|0.8|0.13|5
13038|Apple compote|fruits|102|0.23|24.4|20.7|1.53|0.21|0.017|0
13042|Prune|fruits|229|1.63|55.4|38.1|5.1|0.4|0.16|5
13046|Raisin|fruits|321|3|73.2|70.3|4.2|0.9|0.31|5
13184|Olive (average)|condiments|162|1.39|0.043|0.011|4.38|16.5|2.35|1210
14002|Wild boar, raw|raw meat|147|20.7|0|0|0|7.13|2.47|80
15018|Mix of salted grains/nuts and raisins|nuts and seeds|560|16.6|27.1|21.6|8.4|39.6|4.98|169
15054|Cashew nut, grilled, unsalted|nuts and seeds|618|17.4|21.3|6.64|8.4|48.1|8.24|6
15055|Cashew nut, dry-grilled, unsalted|nuts and seeds|630|17.4|23.5|6.63|5.7|49|8.87|8
15201|Almond paste or marzipan, prepacked|nuts and seeds|432|5.8|70.3|60.1|2.8|13.5|1.05|7
16128|Frying oil|vegetable oils|900|0|0|0|0|100|9.86|5
16129|Palm oil|vegetable oils|900|0|0|0|0|100|49.3|0
16400|Butter, 82% fat, unsalted|butters|753|0.7|0.9|0.83|0|82.9|55.4|25
16402|Butter, 80% fat, lightly salted|butters|738|0.72|0.55|0.39|0|81.4|54.9|762
16403|Butter, 80% fat, salted|butters|732|0.5|0.68|0|0|80.8|52.9|1010
16410|Butter, 60-62% fat, light, unsalted|butters|550|0.56|0.7|0.2|0|60.6|40.1|18
16412|Butter spread, low-fat (average)|butters|368|0.33|3.73|1.06|0.51|38.9|25|161
16415|Butter, light, 39-41% fat, unsalted|butters|391|0.5|3.6|1.26|0|41.7|26.2|178
16540|Chicken fat|other fats|898|0|0|0|0|99.8|29.8|0
16550|Duck fat|other fats|898|0|0|0|0|99.8|33.2|0
16560|Goose fat|other fats|898|0|0|0|0|99.8|27.7|0
16570|Turkey fat|other fats|898|0|0|0|0|99.8|29.4|0
16614|Vegetable fat (like margarine), 80% fat, salted|margarines|722|0.5|0.5|0.5|0|80|32|710
16615|Vegetable fat (margarine type), 80% fat, unsalted|margarines|726|0.39|0.3|0.3|0|80.4|25.1|174
16616|Vegetable fat (margarine type), 70% fat, unsalted|margarines|631|0.13|0.24|0.24|0|70|29.2|265
16725|Fat spreadfat content unknown, unsalted (average)|margarines|532|0.28|0.24|0.22|0|58.9|18.2|160
16743|Blended fat (vegetable and animal origins), 50-63% fat|margarines|490|0.4|0.6|0.6|0|54|25.7|174
17030|Almond oil|vegetable oils|900|0|0|0|0|100|8.2|0
17420|Soy oil|vegetable oils|900|0|0|0|0|100|14.7|1.11
17630|Cod liver oil|fish oils|900|0|0|0|0|100|22|0.02
17640|Sardine oil|fish oils|900|0|0|0|0|100|29.9|0
17645|Salmon oil|fish oils|900|0|0|0|0|100||0
17650|Herring oil|fish oils|900|0|0|0|0|100|21.3|0
17900|Argan oil|vegetable oils|889|0|0|0|0|98.7|17.6|
17999|Paraffin oil|other fats|0|0|0|0|0|0||
18003|Coffee, ground|non-alcoholic beverages|397|14.4|40.2||19.8|15.4||74
18008|Water, bottled (average)|water|0|0|0|0|0|0||
18011|Coconut water|non-alcoholic beverages|15.2|0.42|3.33|2.48|0.5|0.3|0.01|20.4
18018|Cola, with sugar|non-alcoholic beverages|41.8|0.093|10.2|10.2|0|0.062|0|6.71
18025|Kombucha, prepacked|non-alcoholic beverages|9.46|0.5|1.45|1.45|0.5|0.3|0.01|2.1
18044|Water, mineral, bottled (average)|water|0|0|0|0|0|0|0|5.02
18066|Water, municipal|water|0|0|0|0|0|0|0|2.4
18076|Tea leaf|non-alcoholic beverages|232|19.4|6.3||55.8|2||45
18430|Water, bottled|water|0|0|0|0|0|0||2.17
19021|Milk, powder, whole|milk|499|27.4|37.5|37.5|0|26.8|17.3|360
19023|Milk, whole, UHT|milk|65.1|3.32|4.85|4.2|0|3.63|2.4|44.2
19050|Milk, skimmed, UHT|milk|33.4|3.51|4.64|4.64|0|0.06|0.03|39
19054|Milk, powder, skimmed|milk|361|35.3|54|53.1|0|0.7|0.34|482
19250|Sheep milk, whole|milk|103|5.68|4.5|4.5|0|6.97|4.8|44
19402|Cream, fat content unknown (average)|cream and similar|269|2.88|2.87|2.77|1.39|26|17.8|31.9
19410|Thick cream 30% fat, refrigerated|cream and similar|304|3|2.8|2.66|3|30.7|20.8|28
19415|Liquid cream 30% fat, UHT|cream and similar|297|2.49|1.94|1.94|3|30.7|21.4|29
19430|Liquid cream, light, 15-20% fat, UHT|cream and similar|194|2.62|2.89|2.89|3|18.7|12.7|33
19431|Thick cream, light, 15-20% fat, refrigerated|cream and similar|166|2.81|3|3|3|15.3|10.4|34
19600|Yoghurt, plain (average)|dairy products and similar|56.8|3.88|4.73|4.67|0.86|2.3|1.53|44.8
19688|Rum baba, prepacked|cakes and pastry|169|2.83|23.6|18.2|0.87|3.86|2.77|96.5
19689|Cheesecake, prepacked|dairy products and similar|330|4.57|31.7|21.6|0.9|20.3|12.2|154
19698|Tiramisu, prepacked|dairy products and similar|241|4.25|30.4|19.5|1.2|9.8|6.41|77
20009|Carrot, raw|vegetables|40.2|0.63|7.59|6|2.7|0.5|0.01|43
20028|Fennel, raw|vegetables|21.8|1|2.63|2.2|2.6|0.5|0.01|22
20039|Leek, raw|vegetables|32.3|1.49|4.9|3.15|2.27|0.25|0.05|14.5
20045|Radish, raw|vegetables|14.5|0.94|1.53|1.1|1.4|0.5|0.01|16
20105|Morel, raw|vegetables|24.5|3.16|0.1|0.044|3.35|0.54|0.16|21
20293|Coco bean, boiled/cooked in water|legumes|131|9.63|13.7|1.1|15.8|0.5|0.11|9
20500|Broad bean, boiled/cooked in water|legumes|82.9|8.06|9.35|0.4|3.1|0.8|0.16|10
20502|Haricot bean, boiled/cooked in water|legumes|112|6.75|12|0.3|13.8|1.1|0.25|9.3
20507|Chick pea, boiled/cooked in water|legumes|147|8.31|17.7|0.3|8.2|3|0.46|10.9
20587|Lentil, green, boiled/cooked in water|legumes|127|10.1|16.2|0.2|8.45|0.58|0.093|5.8
20591|Soy protein, textured, rehydrated|meat substitute|150|18.6|7.03|3.65|5.61|2.9|0.47|5
20901|Soybean, whole grain|nuts and seeds|432|34.5|20.8|7.33|13|19.2|2.72|3
20904|Tofu, plain|meat substitute|148|13.4|2.87|0.57|0.5|8.5|1.35|10
20906|Tofu silky|miscellaneous ingredients|54.3|4.57|1.53|1.13|0.6|2.9|0.47|5
20912|Tofu, smoked|meat substitute|164|14.9|2.91|0.85|0.5|9.5|1.53|295
20917|Tempeh|dishes|157|16.1|7.89|0.24|6.2|4.7|0.57|39
20984|Wakame (Undaria pinnatifida), dried or dehydrated|seaweed|184|14.1|5.7||41.4|2.51|0.3|5170
20985|Sea lettuce (ulva sp.), dried or dehydrated)|seaweed|206|15.9|13.8||34.4|2.03|0.36|1970
20987|Laver (Porphyra sp.), dried or dehydrated|seaweed|255|31.5|10.5||36.3|1.63||1980
20988|Dulse (Palmaria palmata), dried or dehydrated|seaweed|227|17.2|22.6||28|1.33||1660
20991|Tangle (Laminaria digitata), dried or dehydrated|seaweed|217|9.51|25.6||33.2|1.13|0.15|3150
21502|Lamb, leg, raw|raw meat|128|20|0.48|0|0|5.13|1.97|48.7
21519|Lamb, leg, braised|cooked meat|222|35.2|0||0|9.03|3.46|
21801|Young goat, cooked|cooked meat|136|27.1|0|0|0|3.03|0.93|86
22000|Egg, raw|eggs|140|12.7|0.27|0.27|0|9.83|2.64|124
22002|Egg yolk, raw|eggs|307|15.5|1.09|0.56|0|26.7|8.47|19.1
22011|Egg, poached|eggs|138|12.5|0.71|0.37|0|9.47|2.99|79.3
22013|Egg, powder|eggs|582|47.9|3.11|0.3|0|42|13.1|502
22060|Duck egg, raw|eggs|181|13|1.31|0.93|0|13.8|3.68|146
23032|Brownie (chocolate cake)|cakes and pastry|458|5.94|50.6|35.1|3.4|25.4|7.32|138
23480|Apple turnover|Viennese pastries|338|4.17|36.6|11.2|3.1|18.7|10.3|340
23880|Doughnut, plain|cakes and pastry|404|7.25|39.4|10.7|2|23.7|9.46|444
23881|Doughnut filled with jam|cakes and pastry|378|6.36|45.6|19.9|0.9|18.7|4.84|283
23884|Doughnut filled with fruits, prepacked|cakes and pastry|362|5.65|47.6|14.5|2.15|16|6.05|338
23909|Fruit cake, prepacked|cakes and pastry|360|4.19|55.2|35.8|2.1|12.6|1.6|234
24313|Wafer biscuit, plain or vanilla flavoured, prepacked|sweet biscuits|538|5.75|60.1|32.9|1.6|30.1|19.9|144
24615|Biscuit (cookie), thin, w almonds|sweet biscuits|471|7.8|68|39.2|2.1|18.1|5.65|82
24616|Biscuit (cookie), thin, w fruits|sweet biscuits|384|5.43|74.9|26.9|7.14|8.28|3.69|296
24678|Biscuit sponge cake with fruits covering, pre-packed|sweet biscuits|341|4.44|74.4|51.1|2.8|2.1|0.75|48
25031|Paëlla|dishes|148|7.86|17.1|1.2|1.85|4.9|1.28|343
25123|Moussaka|dishes|147|5.82|5.16|3.01|2.84|10.8|3.37|393
25164|Osso buco|dishes|96.7|11.2|3.5|1.1|0.6|4.08|0.8|586
25223|Soy and wheat burger or bite (vegan)|meat substitute|157|19.5|6.76|2.57|4.86|3.7|0.66|670
25401|Cheese in puff pastry|savoury pastries and other starters|302|8.25|28.1|3.86|1.3|17.1|10.2|632
25403|Hot-dog, prepacked|sandwiches|278|10.9|26.3|5.2|1.6|13.8|5.18|676
25418|Croissant filled with ham|savoury pastries and other starters|243|7.9|19.2|2.6|1.53|14.6|8.5|500
25419|Spring roll|savoury pastries and other starters|103|4.57|16.6|3.6|1.2|1.82|0.66|116
25420|Egg roll or Nem|savoury pastries and other starters|216|6.48|21.1|3.02|2.54|11.2|2.9|609
25444|Cheese tart, prepacked|pizzas, crepe and pies|289|10.3|20.7|1.63|1.57|18|9.93|427
25459|Burritos|pizzas, crepe and pies|170|8|14.3|1.9|1.9|8.5|4.33|299
25460|Fajitas|pizzas, crepe and pies|158|12.7|16|2.2|1.4|4.5|1.96|357
25504|Poultry on skewer|other meat products|195|18.6|0.8|0|0|13|2|114
25505|Beef on skewer|other meat products|191|17.1|1.02|0|1|12.9|3.12|50
25512|Poultry nuggets|other meat products|239|13.1|16.2|1.07|1.7|13.2|2.42|676
25516|Pizza (average)|pizzas, crepe and pies|233|10.7|27.3|2.93|2.38|8.39|3.93|509
25522|Sandwich (average)|sandwiches|243|14.2|27.2||1.4|8.35||493
25525|Topping sauce for pizza|cooking aids|38.5|2.12|3.2|3.2|4.17|0.73|0.1|234
25529|Onion tart, prepacked|pizzas, crepe and pies|280|7|23.5|5.63|1.9|17.2|7.5|367
25541|Lamb on skewer|other meat products|112|12.6|2.54|1.57|2.6|5.1|1.41|190
25543|Sandwich on french bread (average)|sandwiches|277|11.2|31.4|2.46|2.38|11.6|4.45|615
25571|Falafel|dishes|252|8.25|18.7|1.4|7.7|14.4|1.5|640
25578|Puff pastry, savoury (average)|savoury pastries and other starters|301|8.39|26.1|3.03|1.65|17.8|10.1|574
25598|Seitan|meat substitute|134|20.6|6.74|0.81|0.9|2.5|0.38|451
25608|Tabbouleh, prepacked|mixed salads|179|4.88|23.7|4.9|2.5|6.7|0.67|399
25609|Potato salad, piémontaise-style, prepacked|mixed salads|130|4.5|8.87|1.2|0.5|8.3|0.82|433
25616|Salad, vegetable, without dressing (average)|mixed salads|29.9|0.94|3.07|2.27|1.51|0.7|0.12|12.5
25942|Soup, onions, dehydrated and reconstituted|soups|24|0.58|4.37|1.3|0.31|0.4|0.23|318
25954|Soup, pumpkin, dehydrated and reconstituted|soups|38.3|0.79|5.61|2.64|0.76|1.24|0.61|279
25967|Soup, gazpacho, cold, prepacked|soups|32.8|0.65|3.38|2.32|1.04|1.62|0.27|293
25969|Soup (average)|soups|37.4|1.27|4.5|1.6|1.02|1.37|0.57|296
25972|Miso soup, dehydrated, reconstituted|soups|17.1|1.38|2.18|0.69|0.5|0.5|0.0098|438
26015|Saithe, cooked|fish, cooked|99.7|23.1|0|0|0|0.81|0.29|102
26021|Whiting, fried|fish, cooked|125|23.1|0|0|0|3.61|0.94|171
26025|Cod, steamed|fish, cooked|106|24.5|0|0|0|0.95|0.16|65
26030|Fish, breaded, fried|fish products|193|11.9|13.4|1.1|0.9|10|2.15|338
26037|Salmon, smoked|fish, cooked|178|22|0.91|0|0.25|9.49|2.06|1410
26043|Cod, raw|fish, raw|77.6|18.1|0|0|0.2|0.57|0.1|65.2
26052|Ray, raw|fish, raw|89.9|21.4|0|0|0|0.47|0.12|139
26053|Tuna, raw|fish, raw|144|24|0|0|0|5.38|1.19|49
26124|Whiting, breaded|fish products|190|12.6|13|1.7|0.9|9.57|1.1|250
26130|Ling, raw|fish, raw|80.8|19.2|0|0|0|0.44|0.11|128
26186|Mackerel, marinated|fish products|185|16.3|0||0|13.3||915
26234|Ling, cooked|fish, cooked|105|24.5|0|0|0|0.82|0.00018|84.3
26259|Coleslaw, w sauce, prepacked|mixed salads|105|0.94|5.78|4.72|3|8.1|0.63|353
27016|Eel, raw|fish, raw|232|16.1|0|0|0|18.6|3.89|65.5
28003|Pork loin, raw|raw meat|175|20.8|0.75|0|0|9.89|3.51|66.7
28007|Pork loin, cooked|cooked meat|240|27.1|0|0|0|14.7|5.37|59
28009|Pork shoulder, raw|cooked meat|208|24.8|0||0|12.1|4.57|73.2
28503|Bresaola|delicatessen meat and similar|165|31.6|0|0|0|4.3|2.04|1390
28850|Coppa|delicatessen meat and similar|284|25|1|0.5|0|20|6.83|1800
30350|Salami|delicatessen meat and similar|451|17.7|1.05|0.2|0|41.8|16.2|1620
30789|Mortadella|delicatessen meat and similar|305|15|1.4|0|0|26.7|10.6|851
31000|Chocolate bar with biscuit|chocolate and chocolate products|523|6.14|60.5|46.9|1.93|28.1|16|155
31004|Milk chocolate bar|chocolate and chocolate products|537|7.5|55.6|53.1|2.9|30.8|18.7|78
31007|Chewing gum, with sugar|non-chocolate confectionery|372|0.5|90.6|68.1|2.4|0.32|0.042|5
31014|Fruit jelly|non-chocolate confectionery|336|1.69|76.6|69.2|3.9|1.8|0.0002|31
31023|Iced chestnut|non-chocolate confectionery|324|0.94|79.5|56.6|0.9|0.5|0.01|32
31024|Jam, strawberry|jam|251|0.5|60.5|60.1|0.7|0.5|0.11|7
31027|Candied fruits|non-chocolate confectionery|298|0.5|72.3|62.9|3.3|0.3|0|56
31035|Ice cream, chocolate coated|ice cream|359|5.12|35.8|27.7|1.31|21.4|15.2|115
31037|Jam, apricot|jam|247|0.5|59.7|56.8|1.1|0.3|0.041|5
31039|Marmalade, orange|jam|246|0.5|59.3|56.9|1.5|0.4|0.14|6
31041|Chocolate confectionery, sugar coated|chocolate and chocolate products|505|5.49|65|57.4|1.98|24.3|15|113
31042|Sugar and chocolate coated peanut|chocolate and chocolate products|499|9.5|55.9|50.5|5.9|25|9.87|47
31054|Chewing gum, without sugar|non-chocolate confectionery|228|0.69|78.1|0.03|1.98|0.45|0.17|10.3
31068|Jam, blueberry|jam|246|0.5|58.9|58.9|2.1|0.4|0.028|5
31071|Chocolate bar with dried fruits|chocolate and chocolate products|494|7.23|57.6|45.1|1.53|26|9.53|151
31087|Stevia sweetener|sugars and honey|238|0|98|0.3|0.5|0.2|0|169
31101|Cereal bar with fruit, fortified with vitamins and minerals|cereal bars|379|6.13|72.8|30.2|4.13|6.53|3.5|297
31104|Cereal bar, low calorie|cereal bars|386|5.9|65.3|8.5|5.8|11.2|9.6|300
31106|Chocolate cereal bar|cereal bars|451|6.55|73|32.9|4.5|14.9|7.37|201
31110|Jam, reduced sugar|jam|162|0.75|38|38|1.8|0.3|0.044|9
31113|Cereal bar w fruit|cereal bars|377|5.49|73.5|29.6|3.8|7.07|3.44|249
31114|Cereal bar with almonds or hazelnuts|cereal bars|444|8.69|60.6|20.4|4.6|18.2|4.03|179
31120|Chocolate bar|chocolate and chocolate products|557|7.81|45.3|39.5|7.39|36.1|22.3|44.9
32003|Breakfast cereals, sweet (average)|breakfast cereals|398|7.78|75.3|24.6|5.16|6.08|2.19|316
32004|Muesli (average)|breakfast cereals|418|7.49|66.6|25.9|6.4|12.2|5.04|274
32030|Breakfast cereals, diet, plain, not fortified|breakfast cereals|379|11.3|79|15.4|3.45|1.25|0.39|475
32128|Muesli, flakes (Bircher-style)|breakfast cereals|382|10.6|68.5|11.9|11.4|4.83|0.83|60
32130|Khorasan wheat, wholemeal, puffed/popped|breakfast cereals|378|6.68|80.5||4.4|1.96|0.52|10.8
32140|Oat flakes, pre-cooked, raw|breakfast cereals|370|11|58|1.84|10.6|7.7|1.36|4
36036|Turkey, breaded escalope|other meat products|339|7.25|21.7|1.9|3.4|24|5.28|504
36600|Pigeon, raw|raw meat|222|18.9|0.7|0.4|0|16|4.89|67.8
38104|Prawn crackers|savoury biscuits|508|3.1|63.7|7.1|1|26.6|2.4|610
38399|Salty snacks|savoury biscuits|486|9.2|60.3|3.82|3.41|22.3|9.48|999
38402|Salty snacks, crackers, plain|savoury biscuits|499|10.5|59|5.44|3.14|23.9|12.1|919
38406|Coated peanuts|savoury biscuits|518|15.8|45.4|4.51|3.18|29.7|7.8|1120
38407|Salty snacks, puff pastry|savoury biscuits|509|12.3|53.7|1.86|2.69|26.5|17.5|1010
39236|French toast|dairy products and similar|218|6|29|13.3|1.1|8.45|2.13|487
39400|Eggnog, without alcohol|dairy products and similar|87.8|4.55|8.05|8.05|0|4.19|2.59|54
39503|Ice cream on stick, with chocolate coating|ice cream|328|3.42|33.4|27.9|1.23|19.8|13.3|65.7
39512|Frozen dessert, Sundae ice cream type|frozen desserts|230|2.57|32.6|24.9|2|9.7|6.8|97.2
39518|baked Alaska|frozen desserts|212|3.6|34.8|32.7|0.5|6.5|3.9|58.3
39529|Iced nougat|frozen desserts|263|4.93|25.3|20.5|2.76|15.2|11|49.6
39530|Frosted lemon or orange (sorbet)|frozen desserts|133|0.14|29.1|24.4|0|1.77|0|13.6
39533|Ice cream log|frozen desserts|226|2.47|30|25.6|1.54|10.4|7.1|74.8
42000|Meal replacement low calorie, Custard cream dessert-type|foods for particular nutritional uses|96.8|6.43|11.1|6.57|1.18|2.75|0.98|84.5
42003|Meal replacement low calorie, ready-to-drink|foods for particular nutritional uses|90.6|6.79|10.4|7.2|0.5|2.45|0.55|76.1
53200|Taro, tuber, raw|potatoes and other tubers|107|1.5|22.8|0.4|4.1|0.2|0.041|11
54500|Breadfruit, raw|potatoes and other tubers|105|1.07|22.2|11|4.9|0.23|0.048|2
76102|Water, mineral, non-carbonated, EDEN|water|0|0|0|0|0|0||0.4
`;
