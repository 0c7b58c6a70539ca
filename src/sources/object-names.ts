import type { Feed } from '../domain/feed.js';
import type { ObjectType } from '../domain/ids.js';
import type { RejectReason } from './decode.js';
import type { AliasResolver } from './ports.js';
import { quoted } from './refusals.js';

const MAX_LENGTH = 256;

/** Why an object has no inventory id. */
export interface Unresolved {
  readonly reason: RejectReason;
  readonly detail: string;
}

/** Finds the inventory id of an object as one feed spells it. */
export class ObjectNames {
  readonly #type: ObjectType;
  readonly #system: string | undefined;
  readonly #fixedId: string | undefined;
  readonly #aliases: AliasResolver;

  constructor(object: Feed['object'], aliases: AliasResolver) {
    this.#type = object?.type ?? 'cell';
    this.#system = object?.system;
    this.#fixedId = object?.id;
    this.#aliases = aliases;
  }

  /**
   * @param spelled as the source has it, byte for byte; ignored where the feed fixes the object
   * @param atMs when: aliases hold from one date to another
   */
  resolve(spelled: string | undefined, atMs: number): string | Unresolved {
    if (this.#fixedId !== undefined) return this.#fixedId;
    if (spelled === undefined || spelled === '') {
      return { reason: 'object.missing', detail: 'the object has no id: one is needed' };
    }
    if (spelled.length > MAX_LENGTH || spelled.includes('\0')) {
      return {
        reason: 'record.invalid',
        detail: `object ${quoted(spelled)}: at most ${MAX_LENGTH} characters and no NUL are allowed`,
      };
    }
    if (this.#system !== undefined) {
      const known = this.#aliases.resolve(this.#system, spelled, atMs);
      if (known !== undefined) return known;
    }
    return this.#aliases.isKnown(this.#type, spelled) ? spelled : this.#unknown(spelled);
  }

  #unknown(spelled: string): Unresolved {
    const alias = this.#system === undefined ? '' : ` nor an alias of system ${this.#system}`;
    return {
      reason: 'object.unknown',
      detail: `${quoted(spelled)} is no ${this.#type} of the inventory${alias}: import it with tocsin import`,
    };
  }
}
