import {
  Body,
  Controller,
  Get,
  Headers,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Query,
  RawBody,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ApiExcludeController,
  ApiProperty,
  IntersectionType,
  OmitType,
  PartialType,
  PickType,
} from '@nestjs/swagger';
import { Exclude, Expose, Transform, Type } from 'class-transformer';
import {
  IsOptional,
  IsString,
  MaxLength,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { write } from '../../src/kernel/http/answer.js';
import { validate } from '../../src/kernel/http/check.js';
import { contractFaults } from '../../src/kernel/http/contract-faults.js';
import { ContractModule } from '../../src/kernel/http/contract.module.js';
import {
  EchoField,
  InstantField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
  UuidField,
  WordListField,
} from '../../src/kernel/http/fields.js';
import { Endpoint } from '../../src/kernel/http/openapi/endpoint.js';
import type { UpdateMealDto } from '../../src/modules/nutrition/meals/meals.dto.js';

const text = { description: 'Text.', example: 'x', max: 5 };
const instant = { description: 'An instant.', example: '2026-01-06T20:30:00.000Z' };

class PartDto {
  @StringField(text) fullName!: string;
}

class WholeDto {
  @StringField(text) fullName!: string;
  @InstantField({ ...instant, optional: true, nullable: true }) eatenAt?: Date | null;
  @ObjectField({ description: 'A part.', type: () => PartDto, optional: true }) onePart?: PartDto;
  @ListField({ description: 'Parts.', type: () => PartDto, max: 2, optional: true }) allParts?: PartDto[];
}

const errorsOf = (type: new () => object, value: unknown) => {
  const result = validate(type, value);
  return Array.isArray(result) ? result.map(({ field, code }) => `${field} ${code}`) : [];
};

describe('a contract class', () => {
  it('converts values to the types of its properties, and nested objects to instances of their classes', () => {
    const sent = {
      full_name: 'Ada',
      eaten_at: '2026-01-06T21:30:00,5+01:00',
      one_part: { full_name: 'a' },
      all_parts: [{ full_name: 'b' }],
    };
    const whole = validate(WholeDto, sent) as WholeDto;
    expect(whole).toBeInstanceOf(WholeDto);
    expect(whole.eatenAt).toEqual(new Date('2026-01-06T20:30:00.500Z'));
    expect(whole.onePart).toBeInstanceOf(PartDto);
    expect(whole.allParts?.[0]).toBeInstanceOf(PartDto);
    expect(write(WholeDto, whole)).toEqual({ ...sent, eaten_at: '2026-01-06T20:30:00.500Z' });
  });

  it('adds no property that was not sent', () => {
    expect(Object.keys(validate(WholeDto, { full_name: 'Ada' }))).toEqual(['fullName']);
  });

  it.each([
    { sent: { fullName: 'Ada', full_name: 'Ada' }, errors: ['fullName unknown-field'] },
    {
      sent: JSON.parse('{"full_name":"a","__proto__":{"x":1}}') as object,
      errors: ['__proto__ unknown-field'],
    },
    { sent: { full_name: 'a', constructor: 1 }, errors: ['constructor unknown-field'] },
    { sent: { full_name: 'a', one_part: 'garbage' }, errors: ['one_part wrong-type'] },
    { sent: { full_name: 'a', one_part: [] }, errors: ['one_part wrong-type'] },
    { sent: { full_name: 'a', one_part: null }, errors: ['one_part wrong-type'] },
    { sent: { full_name: 'a', one_part: { full_name: 1 } }, errors: ['one_part.full_name wrong-type'] },
    {
      sent: { full_name: 'a', one_part: { full_name: 'a', more: 1 } },
      errors: ['one_part.more unknown-field'],
    },
    { sent: { full_name: 'a', all_parts: [{ full_name: 'a' }, []] }, errors: ['all_parts wrong-type'] },
    { sent: { full_name: 'a', all_parts: [{}] }, errors: ['all_parts.0.full_name required'] },
  ])('refuses $sent', ({ sent, errors }) => {
    expect(errorsOf(WholeDto, sent)).toEqual(errors);
  });
});

describe('mapped types of Nest', () => {
  class PartialDto extends PartialType(WholeDto) {}
  class SecondDto extends PartialType(OmitType(WholeDto, ['allParts'])) {}
  class JoinedDto extends IntersectionType(PickType(WholeDto, ['fullName', 'onePart']), PartialDto) {}

  it('keep the fields, and do not lose what was sent', () => {
    expect(validate(PartialDto, { full_name: 'Ada' })).toEqual({ fullName: 'Ada' });
    expect(errorsOf(PartialDto, { full_name: 1 })).toEqual(['full_name wrong-type']);
    expect(errorsOf(SecondDto, { all_parts: [] })).toEqual(['all_parts unknown-field']);
  });

  it('make a field optional but not nullable', () => {
    expect(errorsOf(PartialDto, {})).toEqual([]);
    expect(errorsOf(PartialDto, { full_name: null })).toEqual(['full_name wrong-type']);
    expect(errorsOf(PartialDto, { eaten_at: null })).toEqual([]);
  });

  it('check nested objects to the last level', () => {
    expect(errorsOf(PartialDto, { one_part: { full_name: 1 } })).toEqual(['one_part.full_name wrong-type']);
    expect(errorsOf(JoinedDto, { full_name: 'a', one_part: {} })).toEqual(['one_part.full_name required']);
  });

  it('have no effect on a field that a subclass declares again', () => {
    class StrictDto extends PartialDto {
      @StringField(text) declare fullName: string;
    }
    expect(errorsOf(StrictDto, {})).toEqual(['full_name required']);
    class GrandDto extends StrictDto {
      @StringField({ ...text, max: 2 }) declare fullName: string;
    }
    class ChildDto extends GrandDto {}
    expect(errorsOf(ChildDto, { full_name: 'abc' })).toEqual(['full_name out-of-range']);
  });
});

@ValidatorConstraint({ name: 'later', async: true })
class Later {
  validate(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

describe('a class that cannot be checked completely', () => {
  class NoFieldDto {}
  class ForeignDto {
    @IsString() name!: string;
  }
  class ReplacedDto extends PartDto {
    @MaxLength(3) declare fullName: string;
  }
  class NestedDto {
    @ValidateNested() @ObjectField({ description: 'A part.', type: () => PartDto }) part!: PartDto;
  }
  class ConditionalDto {
    @ValidateIf((dto: { other?: unknown }) => dto.other === undefined) @StringField(text) name!: string;
  }
  class LaxDto {
    @ValidateIf((_, value) => typeof value === 'string') @StringField(text) name!: string;
  }
  class AsyncDto {
    @Validate(Later) @StringField(text) name!: string;
  }
  class TypedDto {
    @Type(() => PartDto) @ObjectField({ description: 'A part.', type: () => PartDto }) part!: PartDto;
  }
  class TransformedDto {
    @Transform(({ value }: { value: unknown }) => String(value)) @StringField(text) name!: string;
  }
  class ExcludedDto {
    @Exclude() @StringField(text) name!: string;
  }
  class RenamedDto {
    @Expose({ name: 'other' }) @StringField(text) name!: string;
  }
  class MistypedDto {
    @InstantField(instant) eatenAt!: string;
  }
  class SnakeDto {
    @StringField(text) full_name!: string;
  }
  class CapitalDto {
    @StringField(text) URL!: string;
  }
  class PrototypeDto {
    @StringField(text) toString!: never;
  }
  class DefaultDto extends PartDto {
    limit = 100;
  }
  class RequiredDefaultDto {
    @StringField(text) name: string = 'Ada';
  }
  class OptionalDefaultDto {
    @StringField({ ...text, optional: true }) name: string = 'Ada';
  }
  // A change that leaves the name out would set it.
  class PartialDefaultDto extends PartialType(OptionalDefaultDto) {}
  class RefusedDefaultDto {
    @StringField({ ...text, optional: true }) name: string = 'longer than five';
  }
  class NestedDefaultDto {
    @ObjectField({ description: 'A part.', type: () => PartDto, optional: true }) part: PartDto = {
      fullName: 'Ada',
    };
  }
  class NewEachTimeDto {
    @ObjectField({ description: 'A part.', type: () => PartialType(PartDto) }) part!: object;
  }
  class UnboundedDto {
    @ListField({ description: 'Parts.', type: () => PartDto }) parts!: PartDto[];
  }
  class WordsDto {
    @WordListField({ description: 'Words.', example: ['a'], max: 3 }) words!: string[];
  }
  class AnythingDto {
    @EchoField({ description: 'Anything.', anyOf: [PartDto] }) echo!: object;
  }
  class DeepDto {
    @ObjectField({ description: 'A part.', type: () => UnboundedDto }) deep!: UnboundedDto;
  }
  class PartialForeignDto extends PartialType(ForeignDto) {}
  class TwoWaysDto extends IntersectionType(PartDto, PickType(WholeDto, ['fullName'])) {}

  it.each([
    { type: NoFieldDto, fault: 'has no field' },
    { type: ForeignDto, fault: 'no decorator from kernel/http/fields' },
    { type: PartialForeignDto, fault: 'no decorator from kernel/http/fields' },
    { type: ReplacedDto, fault: 'no decorator from kernel/http/fields' },
    { type: NestedDto, fault: 'use ObjectField or ListField' },
    { type: ConditionalDto, fault: 'ValidateIf could skip its checks' },
    { type: LaxDto, fault: 'ValidateIf could skip its checks' },
    { type: AsyncDto, fault: 'asynchronous' },
    { type: TypedDto, fault: 'class-transformer' },
    { type: TransformedDto, fault: 'class-transformer' },
    { type: ExcludedDto, fault: 'class-transformer' },
    { type: RenamedDto, fault: 'class-transformer' },
    { type: MistypedDto, fault: 'has the type String, but its decorator gives Date' },
    { type: SnakeDto, fault: 'does not convert back' },
    { type: CapitalDto, fault: 'does not convert back' },
    { type: PrototypeDto, fault: 'does not convert back' },
    { type: DefaultDto, fault: 'has a default' },
    { type: RequiredDefaultDto, fault: 'can have a default' },
    { type: PartialDefaultDto, fault: 'can have a default' },
    { type: RefusedDefaultDto, fault: 'its own default is refused' },
    { type: NestedDefaultDto, fault: 'its own default is refused' },
    { type: NewEachTimeDto, fault: 'makes a new class each time' },
    { type: UnboundedDto, fault: 'needs `max`' },
    { type: WordsDto, fault: 'needs `values`' },
    { type: AnythingDto, fault: 'takes anything' },
    { type: DeepDto, fault: 'needs `max`' },
    { type: TwoWaysDto, fault: 'declared twice' },
    { type: Object, fault: 'is not a contract class' },
    { type: Array, fault: 'is not a contract class' },
    { type: undefined, fault: 'is not a contract class' },
  ])('is found before the start: $type.name, $fault', ({ type, fault }) => {
    expect(contractFaults(type, 'request').join('\n')).toContain(fault);
  });

  it('accepts an absent field, but not null, when class-validator declares it optional', () => {
    class OptionalDto {
      @IsOptional() @StringField(text) name?: string;
    }
    expect(contractFaults(OptionalDto, 'request')).toEqual([]);
    expect(errorsOf(OptionalDto, {})).toEqual([]);
    expect(errorsOf(OptionalDto, { name: null })).toEqual(['name wrong-type']);
  });

  it('may have defaults for fields that are optional', () => {
    class DerivedDto extends PickType(OptionalDefaultDto, ['name']) {}
    for (const type of [OptionalDefaultDto, DerivedDto]) {
      expect(contractFaults(type, 'request')).toEqual([]);
      expect(validate(type, {})).toEqual({ name: 'Ada' });
    }
  });

  it('does not accept a property that has only a schema', () => {
    class ShownDto extends PartDto {
      @ApiProperty() shown!: string;
    }
    expect(errorsOf(ShownDto, { full_name: 'a', shown: 'x' })).toEqual(['shown unknown-field']);
  });

  it.each([
    { what: 'a body without a class', method: 'untyped', fault: 'Object is not a contract class' },
    { what: 'a type that is only imported as a type', method: 'typeOnly', fault: 'is not a contract class' },
    { what: 'a list', method: 'list', fault: 'Array is not a contract class' },
    { what: 'one field of a body', method: 'single', fault: 'not one field of it' },
    { what: 'a query that cannot be checked', method: 'query', fault: 'has no field' },
    { what: 'all parameters of the path', method: 'parameters', fault: 'nothing checks the whole' },
    { what: 'a parameter that is no text', method: 'parameter', fault: 'a pipe is needed' },
    { what: 'a parameter that the path does not have', method: 'absent', fault: 'the path has no ":id"' },
    { what: 'all headers', method: 'headers', fault: 'nothing checks the whole' },
    { what: 'the bytes of the body', method: 'raw', fault: 'nothing checks @RawBody' },
    { what: 'an answer that nothing declares', method: 'undeclared', fault: 'needs @Endpoint' },
    { what: 'an answer that is not a contract class', method: 'answer', fault: 'has no field' },
    {
      what: 'two classes with the same name',
      method: '',
      fault: 'Two contract classes are named PartialPart',
    },
  ])('stops the boot: $what', async ({ method, fault }) => {
    // Nest gives both the name PartialPartDto.
    const Partial = PartialType(PartDto);
    type Partial = InstanceType<typeof Partial>;
    const OtherPartial = PartialType(class PartDto extends WholeDto {});
    type OtherPartial = InstanceType<typeof OtherPartial>;
    @Controller()
    class Routes {
      @Post('untyped') untyped(@Body() body: { name: string }): unknown {
        return body;
      }
      @Post('type-only') typeOnly(@Body() body: UpdateMealDto): unknown {
        return body;
      }
      @Post('list') list(@Body() body: PartDto[]): unknown {
        return body;
      }
      @Post('single') single(@Body('name') name: string): unknown {
        return name;
      }
      @Get('query') query(@Query() query: NoFieldDto): unknown {
        return query;
      }
      @Post('one') one(@Body() body: Partial): unknown {
        return body;
      }
      @Post('other') other(@Body() body: OtherPartial): unknown {
        return body;
      }
      @Get('parameters/:name') parameters(@Param() parameters: PartDto): unknown {
        return parameters;
      }
      @Get('parameter/:name') parameter(@Param('name') name: number): unknown {
        return name;
      }
      @Get('absent/:name') absent(@Param('id') id: string): unknown {
        return id;
      }
      @Get('headers') headers(@Headers() headers: PartDto): unknown {
        return headers;
      }
      @Post('raw') raw(@RawBody() body: PartDto): unknown {
        return body;
      }
      @Get('undeclared') undeclared(): unknown {
        return { passwordHash: 'x' };
      }
      @Get('answer') @Endpoint({ summary: 'Answer', returns: NoFieldDto }) answer(): object {
        return {};
      }
    }
    @Module({ imports: [ContractModule], controllers: [Routes] })
    class Routing {}
    const booted = NestFactory.createApplicationContext(Routing, { logger: false, abortOnError: false });
    await expect(booted.then((app) => app.close())).rejects.toThrow(
      new RegExp(`(Routes\\.${method}|^Contracts)[^]*${fault}`),
    );
  });
});

describe('a route that is right', () => {
  it('starts: a parameter with a pipe, one header, a page of its own', async () => {
    @Controller()
    class Routes {
      @Get('one/:id/:name') @Endpoint({ summary: 'One', returns: PartDto }) one(
        @Param('id', ParseIntPipe) id: number,
        @Param('name') name: string,
        @Headers('accept') accept?: string,
      ): PartDto {
        return { fullName: `${id}${name}${accept}` };
      }
    }
    @Controller()
    @ApiExcludeController()
    class Pages {
      @Get() page(): string {
        return '<!doctype html>';
      }
    }
    @Module({ imports: [ContractModule], controllers: [Routes, Pages] })
    class Routing {}
    const app = await NestFactory.createApplicationContext(Routing, { logger: false, abortOnError: false });
    await app.close();
  });
});

describe('an answer', () => {
  it('contains the fields of the class and no other column', () => {
    class RowDto {
      @UuidField({ description: 'Id.', example: 'x' }) id!: string;
      @NumberField({ description: 'Energy.', example: 1, nullable: true }) energyKcal!: number | null;
      @InstantField(instant) eatenAt!: Date;
      @ListField({ description: 'Parts.', type: () => PartDto }) parts!: PartDto[];
    }
    const eatenAt = new Date('2026-01-06T20:30:00Z');
    const parts = [{ fullName: 'a', secret: 1 }];
    const row = { id: 'x', energyKcal: null, eatenAt, parts, passwordHash: 'secret', deletedAt: undefined };
    expect(write(RowDto, row)).toEqual({
      id: 'x',
      energy_kcal: null,
      eaten_at: '2026-01-06T20:30:00.000Z',
      parts: [{ full_name: 'a' }],
    });
  });
});
