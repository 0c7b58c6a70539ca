import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { STORABLE_TEXT, unstorablePath } from '../../domain/storable-text.js';

/** One thing wrong with a value: where, and a sentence that says what is allowed. */
export interface Complaint {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  strict: false,
  // JSON's 1e400 reads as Infinity, which no database column holds
  strictNumbers: true,
  allowUnionTypes: true,
});
ajvFormats.default(ajv);
const compiled = new WeakMap<TSchema, ValidateFunction>();

function validatorOf(schema: TSchema): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    // one $id may come with several schema objects, which Ajv refuses
    const { $id: _dropped, ...anonymous } = schema as TSchema & { $id?: string };
    validate = ajv.compile(anonymous);
    compiled.set(schema, validate);
  }
  return validate;
}

/**
 * Everything wrong with `value`, worst first known first; empty when it fits. Numbers that are not
 * finite and texts that no database holds never fit.
 */
export function complaints(schema: TSchema, value: unknown): Complaint[] {
  const validate = validatorOf(schema);
  if (validate(value)) return unstorable(value);
  const meant = ofMeantBranches(validate.errors ?? []);
  const errors = meant.filter((each) => !isPartOfChoice(each, meant));
  const seen = new Set<string>();
  const found: Complaint[] = [];
  for (const error of errors) {
    const complaint = complain(error);
    const key = `${complaint.path.join('/')} ${complaint.text}`;
    if (!seen.has(key)) found.push(complaint);
    seen.add(key);
  }
  return found;
}

function unstorable(value: unknown): Complaint[] {
  const path = unstorablePath(value);
  if (path === undefined) return [];
  return [{ path, text: `key ${dotted(path)} cannot be stored, allowed: ${STORABLE_TEXT}` }];
}

const BRANCH = /^(.*\/anyOf)\/\d+(?=\/)/;

/**
 * Of a choice whose branches name themselves by a constant, such as `kind: smpp`: what the one that is
 * named says, and nothing of the others.
 */
function ofMeantBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const branchOf = (error: ErrorObject): string | undefined => BRANCH.exec(error.schemaPath)?.[0];
  const isTag = (error: ErrorObject): boolean =>
    error.keyword === 'const' && /\/anyOf\/\d+\/properties\/[^/]+\/const$/.test(error.schemaPath);
  const others = new Set(errors.filter(isTag).map(branchOf));
  const hasMeant = (error: ErrorObject): boolean =>
    errors.some((each) => {
      const branch = branchOf(each);
      const choice = BRANCH.exec(error.schemaPath)?.[1];
      return branch?.startsWith(`${choice}/`) === true && !others.has(branch);
    });
  return errors.filter((error) => {
    const branch = branchOf(error);
    if (branch === undefined || !others.has(branch)) return true;
    return isTag(error) && !hasMeant(error);
  });
}

/** A failed branch of a choice says nothing that the choice itself does not say better. */
function isPartOfChoice(
  error: ErrorObject,
  all: readonly ErrorObject[] | null | undefined,
): boolean {
  if (error.keyword === 'anyOf' || error.keyword === 'oneOf') {
    return (all ?? []).some((other) => other !== error && isDeeper(other, error));
  }
  return (all ?? []).some(
    (other) =>
      (other.keyword === 'anyOf' || other.keyword === 'oneOf') &&
      error.schemaPath.startsWith(`${other.schemaPath}/`) &&
      !isDeeper(error, other),
  );
}

/** Whether `error` is about something inside of what `choice` is about. */
function isDeeper(error: ErrorObject, choice: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    (error.instancePath.startsWith(`${choice.instancePath}/`) ||
      error.keyword === 'required' ||
      error.keyword === 'additionalProperties')
  );
}

function complain(error: ErrorObject): Complaint {
  const path = pointer(error.instancePath);
  const params = error.params as Record<string, unknown>;
  if (error.keyword === 'required') {
    const name = String(params.missingProperty);
    return {
      path,
      text: `key ${dotted([...path, name])} is missing, ${mustBe(propertyOf(error, name))}`,
    };
  }
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    const name = String(params.additionalProperty ?? params.unevaluatedProperty);
    const known = Object.keys((error.parentSchema as { properties?: object })?.properties ?? {});
    return {
      path: [...path, name],
      text: `key ${dotted([...path, name])} is unknown, allowed: ${known.join(', ') || 'none'}`,
    };
  }
  const allowed = describe(error.parentSchema as Shape | undefined);
  return { path, text: `key ${dotted(path)} was ${shown(error.data)}, allowed: ${allowed}` };
}

function propertyOf(error: ErrorObject, name: string): Shape | undefined {
  return (error.parentSchema as { properties?: Record<string, Shape> } | undefined)?.properties?.[
    name
  ];
}

function mustBe(shape: Shape | undefined): string {
  return `allowed: ${describe(shape)}`;
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A shape in words, such as `a whole number from 1 to 9` or `low, high, both`. */
function describe(shape: Shape | undefined): string {
  if (shape === undefined) return 'a value';
  if (shape.const !== undefined) return shown(shape.const, '');
  if (shape.enum !== undefined) return shape.enum.map((each) => shown(each, '')).join(', ');
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(describe))].join(', ');
  const type = Array.isArray(shape.type) ? shape.type.join(' or ') : String(shape.type ?? 'value');
  return `${NAMES[type] ?? type}${range(shape)}`;
}

const NAMES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'nothing',
  value: 'a value',
};

function range(shape: Shape): string {
  const parts: string[] = [];
  if (shape.minimum !== undefined) parts.push(`from ${shape.minimum}`);
  if (shape.exclusiveMinimum !== undefined) parts.push(`above ${shape.exclusiveMinimum}`);
  if (shape.maximum !== undefined) parts.push(`to ${shape.maximum}`);
  if (shape.exclusiveMaximum !== undefined) parts.push(`below ${shape.exclusiveMaximum}`);
  if (shape.minLength !== undefined) parts.push(`of at least ${shape.minLength} characters`);
  if (shape.maxLength !== undefined) parts.push(`of at most ${shape.maxLength} characters`);
  if (shape.minItems !== undefined) parts.push(`of at least ${shape.minItems} entries`);
  if (shape.maxItems !== undefined) parts.push(`of at most ${shape.maxItems} entries`);
  if (shape.pattern !== undefined) parts.push(`that matches ${shape.pattern}`);
  if (shape.format !== undefined) parts.push(`in the form ${shape.format}`);
  return parts.length > 0 ? ` ${parts.join(' ')}` : '';
}

function shown(value: unknown, quote = '"'): string {
  if (typeof value === 'string') return `${quote}${clip(value)}${quote}`;
  if (value === undefined) return 'nothing';
  return clip(JSON.stringify(value) ?? String(value));
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function pointer(path: string): (string | number)[] {
  if (path === '') return [];
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function dotted(path: readonly (string | number)[]): string {
  return path.length === 0 ? '(the whole file)' : path.join('.');
}
