import { printDate, printDateTime } from './calendar.ts';
import { printDecimal } from './decimal.ts';
import type { FieldType, Value, Values } from './field.ts';
import { moneyScale } from './read-value.ts';

/** A value as people and JSON see it; `readValue` of the result gives the value again. */
export type Printed = string | number | Readonly<Record<string, unknown>>[];

/**
 * Dates and times in ISO 8601 (+08:00), money and scaled decimals as decimal strings (a JSON number would be
 * read as a float), flags as the national '1' and '0', lists as arrays.
 */
export function printValue(type: FieldType, value: Value): Printed {
  switch (type.kind) {
    case 'text':
    case 'code':
      return String(value);
    case 'date':
      return printDate(value as number);
    case 'datetime':
      return printDateTime(value as number);
    case 'money':
      return printDecimal(value as number, moneyScale);
    case 'scaled':
      return printDecimal(value as number, type.scale);
    case 'integer':
      return value as number;
    case 'flag':
      return value === true ? '1' : '0';
    case 'list':
      return (value as readonly Values[]).map((element) => {
        const printed: Record<string, unknown> = {};
        for (const field of type.of) {
          const part = element[field.name];
          if (part !== undefined) printed[field.name] = printValue(field.type, part);
        }
        return printed;
      });
  }
}
