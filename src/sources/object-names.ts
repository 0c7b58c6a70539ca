import type { Feed } from '../domain/feed.js';
import type { ObjectType } from '../domain/ids.js';
import { isStorable, STORABLE_TEXT } from '../domain/storable-text.js';
import type { RejectReason } from './decode.js';
import { NameOrder } from './name-order.js';
import type { AliasResolver } from './ports.js';
import { quoted } from './refusals.js';

const MAX_LENGTH = 256;
/** No object is called so: a NUL is not allowed in an id. */
const NOBODY = '\0';
const TYPES: readonly ObjectType[] = ['cell', 'site', 'link', 'function'];

/** Why an object has no inventory id. */
export interface Unresolved {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** An object of the inventory; `type` is undefined when nothing says what it is. */
export interface FoundObject {
  readonly id: string;
  readonly type: ObjectType | undefined;
}

/** Finds the inventory id of an object as one feed spells it. */
export class ObjectNames {
  readonly #type: ObjectType | undefined;
  readonly #system: string | undefined;
  readonly #fixedId: string | undefined;
  readonly #aliases: AliasResolver;
  /** names that are in the inventory of this version */
  readonly #known = new NameOrder();
  #version: number | undefined;

  constructor(object: Feed['object'], aliases: AliasResolver) {
    this.#type = object?.type;
    this.#system = object?.system;
    this.#fixedId = object?.id;
    this.#aliases = aliases;
  }

  /**
   * An object of the feed's type.
   * @param spelled as the source has it, byte for byte; ignored where the feed fixes the object
   * @param atMs when: aliases hold from one date to another
   */
  resolve(spelled: string | undefined, atMs: number): string | Unresolved {
    if (this.#fixedId !== undefined) return this.#fixedId;
    if (spelled !== undefined && this.#isKnownNext(spelled)) return spelled;
    const wrong = unspeakable(spelled);
    if (wrong !== undefined) return wrong;
    const name = spelled ?? '';
    const alias = this.#alias(name, atMs);
    if (alias !== undefined) return alias;
    const type = this.#type ?? 'cell';
    if (!this.#aliases.isKnown(type, name)) return this.#unknown(name, type);
    if (this.#version !== undefined) this.#known.add(name);
    return name;
  }

  /** Aliases hold for a time and are not remembered. */
  #isKnownNext(name: string): boolean {
    const { version } = this.#aliases;
    if (version === undefined || this.#system !== undefined) return false;
    if (this.#version !== version) {
      this.#version = version;
      this.#known.clear();
    }
    return this.#known.isNext(name);
  }

  /**
   * An object of any type, as alarms name them: the type that is given, else the feed's, else any
   * that the inventory knows it by.
   */
  find(
    spelled: string | undefined,
    atMs: number,
    given: ObjectType | undefined,
  ): FoundObject | Unresolved {
    if (this.#fixedId !== undefined) return { id: this.#fixedId, type: this.#type };
    const wrong = unspeakable(spelled);
    if (wrong !== undefined) return wrong;
    const name = spelled ?? '';
    const alias = this.#alias(name, atMs);
    const id = alias ?? name;
    const wanted = given ?? this.#type;
    if (wanted !== undefined && this.#aliases.isKnown(wanted, id)) return { id, type: wanted };
    // An inventory without any object of a type knows everything by it, which says nothing.
    const telling = TYPES.filter((type) => !this.#aliases.isKnown(type, NOBODY));
    const known = telling.filter((type) => this.#aliases.isKnown(type, id));
    if (known.length > 0) return { id, type: known.length === 1 ? known[0] : undefined };
    const isTaken = alias !== undefined || telling.length === 0;
    return isTaken ? { id, type: wanted } : this.#unknown(name, wanted);
  }

  #alias(spelled: string, atMs: number): string | undefined {
    return this.#system === undefined
      ? undefined
      : this.#aliases.resolve(this.#system, spelled, atMs);
  }

  #unknown(spelled: string, type: ObjectType | undefined): Unresolved {
    const alias = this.#system === undefined ? '' : ` nor an alias of system ${this.#system}`;
    return {
      reason: 'object.unknown',
      detail: `${quoted(spelled)} is no ${type ?? 'object'} of the inventory${alias}: import it with tocsin import`,
    };
  }
}

/** The type a record names, undefined when it names none that exists. */
export function objectTypeOf(given: unknown): ObjectType | undefined {
  return TYPES.find((type) => type === given);
}

function unspeakable(spelled: string | undefined): Unresolved | undefined {
  if (spelled === undefined || spelled === '') {
    return { reason: 'object.missing', detail: 'the object has no id: one is needed' };
  }
  if (spelled.length <= MAX_LENGTH && isStorable(spelled)) return undefined;
  return {
    reason: 'record.invalid',
    detail: `object ${quoted(spelled)}: allowed is ${STORABLE_TEXT}, at most ${MAX_LENGTH} characters`,
  };
}
