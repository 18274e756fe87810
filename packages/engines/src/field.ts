import { TokenmarkError, type TokenmarkErrorCode } from "@tokenmark/core";

/** How one parameter of a contract is read: checked once, into the form that JSON can carry. */
export interface Field<T> {
  /** What the parameter means, its range and unit. */
  readonly about: string;
  /** The engine's own default; without one the parameter must be given. */
  readonly fallback?: T;
  /** Checks a value; `code` is the error to throw. */
  read(name: string, value: unknown, code: TokenmarkErrorCode): T;
}

/** The parameters of a contract, under the engine's own names. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What {@link readFields} gives for a set of fields. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A rendering for error messages that shows no value of a secret. */
function shown(value: unknown, code: TokenmarkErrorCode): string {
  if (value === null || value === undefined) return `${value}`;
  if (code === "bad-key") return Array.isArray(value) ? `an array of ${value.length}` : `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

function refuse(name: string, wanted: string, value: unknown, code: TokenmarkErrorCode): never {
  throw new TokenmarkError(code, `${name}: wanted ${wanted}, got ${shown(value, code)}`);
}

interface FieldOptions<T> {
  readonly about: string;
  readonly fallback?: T;
}

/** An integer that a double holds. */
export function integerField(min: number, max: number, options: FieldOptions<number>): Field<number> {
  return {
    ...options,
    read(name, value, code) {
      if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
        refuse(name, `an integer from ${min} to ${max}`, value, code);
      }
      return value;
    },
  };
}

/** A finite number; `open` leaves the ends out. */
export function numberField(
  min: number,
  max: number,
  options: FieldOptions<number> & { readonly open?: boolean },
): Field<number> {
  const { open = false, ...rest } = options;
  return {
    ...rest,
    read(name, value, code) {
      const inside =
        typeof value === "number" &&
        Number.isFinite(value) &&
        (open ? value > min && value < max : value >= min && value <= max);
      if (!inside)
        refuse(
          name,
          `a number ${open ? "strictly between" : "from"} ${min} ${open ? "and" : "to"} ${max}`,
          value,
          code,
        );
      return value;
    },
  };
}

/** True or false. */
export function booleanField(options: FieldOptions<boolean>): Field<boolean> {
  return {
    ...options,
    read(name, value, code) {
      if (typeof value !== "boolean") refuse(name, "true or false", value, code);
      return value;
    },
  };
}

/** One of a few names. */
export function choiceField<const T extends string>(choices: readonly T[], options: FieldOptions<T>): Field<T> {
  return {
    ...options,
    read(name, value, code) {
      if (typeof value !== "string" || !(choices as readonly string[]).includes(value)) {
        refuse(name, `one of ${choices.join(", ")}`, value, code);
      }
      return value as T;
    },
  };
}

/** As another field, or null. */
export function nullableField<T>(field: Field<T>, options: FieldOptions<T | null>): Field<T | null> {
  return { ...options, read: (name, value, code) => (value === null ? null : field.read(name, value, code)) };
}

/** A text that matches a pattern, such as a hexadecimal key. */
export function textField(pattern: RegExp, wanted: string, options: FieldOptions<string>): Field<string> {
  return {
    ...options,
    read(name, value, code) {
      if (typeof value !== "string" || !pattern.test(value)) refuse(name, wanted, value, code);
      return value;
    },
  };
}

/** A list of `min` to `max` values of one kind. */
export function listField<T>(
  item: Field<T>,
  min: number,
  max: number,
  options: FieldOptions<readonly T[]>,
): Field<readonly T[]> {
  return {
    ...options,
    read(name, value, code) {
      if (!Array.isArray(value) || value.length < min || value.length > max) {
        refuse(name, `a list of ${min} to ${max} entries`, value, code);
      }
      return Object.freeze(value.map((entry, i) => item.read(`${name}[${i}]`, entry, code)));
    },
  };
}

/**
 * A whole number of up to 64 bits, kept as its decimal digits: JSON numbers beyond 2^53 have lost digits before anybody can
 * look at them, so they are refused, not rounded. Strings, bigints and safe integers are taken.
 */
export function integer64Field(min: bigint, max: bigint, options: FieldOptions<string>): Field<string> {
  const wanted = `a whole number from ${min} to ${max} as a decimal string`;
  return {
    ...options,
    read(name, value, code) {
      if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new TokenmarkError(
          code,
          `${name}: wanted ${wanted}, got a JSON number beyond 2^53, whose last digits are lost already; write it in quotes`,
        );
      }
      const whole =
        typeof value === "bigint" ||
        (typeof value === "number" && Number.isSafeInteger(value)) ||
        (typeof value === "string" && /^-?\d{1,20}$/.test(value));
      if (!whole) refuse(name, wanted, value, code);
      const integer = BigInt(value as string | number | bigint);
      if (integer < min || integer > max) refuse(name, wanted, value, code);
      return integer.toString();
    },
  };
}

/** Reads a record strictly: unknown names are refused, missing ones get the engine's default or are asked for. */
export function readFields<F extends Fields>(
  where: string,
  fields: F,
  given: unknown,
  code: TokenmarkErrorCode,
): ValuesOf<F> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) refuse(where, "an object", given, code);
  const record = given as Readonly<Record<string, unknown>>;
  const known = Object.keys(fields);
  for (const name of Object.keys(record)) {
    if (!known.includes(name)) {
      throw new TokenmarkError(
        code,
        `${where}: unknown field ${JSON.stringify(name.slice(0, 40))}; known are ${known.join(", ") || "none"}`,
      );
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value !== undefined) values[name] = field.read(`${where}.${name}`, value, code);
    else if (field.fallback !== undefined) values[name] = field.fallback;
    else throw new TokenmarkError(code, `${where}.${name}: is missing; ${field.about}`);
  }
  return Object.freeze(values) as ValuesOf<F>;
}
