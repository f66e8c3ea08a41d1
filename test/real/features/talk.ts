import type { IrcClient } from '../servers/irc-client.ts'
import type { IrcView } from '../support/irc-view.ts'
import type { MatrixView } from '../support/matrix-view.ts'
import type { Person } from '../support/person.ts'
import type { Tier } from './tiers.ts'

/** What a line has to be: the text, or a matcher. */
export type Line = unknown

interface Sides {
  readonly tier: Tier
  readonly person: Person
  readonly contact: IrcClient
  /** To whom the contact speaks here: the channel, or the person's nick. */
  readonly target: string
  readonly seenByPerson: MatrixView
  readonly seenByContact: IrcView
  /** Others who are there, and see what happens without doing anything. */
  readonly onlookers?: { readonly matrix: MatrixView; readonly irc: IrcView }
}

/** One conversation between a person on Matrix and a contact on IRC, as everybody in it sees it. */
export class Talk {
  readonly tier: Tier
  readonly person: Person
  readonly contact: IrcClient
  readonly target: string
  readonly #sides: Sides

  constructor(sides: Sides) {
    this.tier = sides.tier
    this.person = sides.person
    this.contact = sides.contact
    this.target = sides.target
    this.#sides = sides
  }

  get room(): string {
    return this.#sides.seenByPerson.room
  }

  /** Events and lines of the two, to answer and react to. */
  get onMatrix(): MatrixView {
    return this.#sides.seenByPerson
  }

  get onIrc(): IrcView {
    return this.#sides.seenByContact
  }

  /** The person did something: what an onlooker on Matrix sees of it, and what everybody on IRC does. */
  async personDid(matrix: readonly Line[], irc: readonly Line[]): Promise<string[]> {
    const { seenByContact, onlookers } = this.#sides
    const lines = await seenByContact.sees(...irc)
    await onlookers?.irc.sees(...lines)
    await onlookers?.matrix.sees(...matrix)
    return lines
  }

  /** The contact did something: what an onlooker on IRC sees of it, and what everybody on Matrix does. */
  async contactDid(irc: readonly Line[], matrix: readonly Line[]): Promise<string[]> {
    const { seenByPerson, onlookers } = this.#sides
    const lines = await seenByPerson.sees(...matrix)
    await onlookers?.matrix.sees(...lines)
    await onlookers?.irc.sees(...irc)
    return lines
  }

  /** The bridge says something to both sides, or to one of them. */
  async told(about: { matrix?: readonly Line[]; irc?: readonly Line[] }): Promise<void> {
    const { seenByPerson, seenByContact, onlookers } = this.#sides
    await seenByPerson.sees(...(about.matrix ?? []))
    await seenByContact.sees(...(about.irc ?? []))
    await onlookers?.matrix.sees(...(about.matrix ?? []))
    await onlookers?.irc.sees(...(about.irc ?? []))
  }
}
