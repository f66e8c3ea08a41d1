import type { SimAccount } from './account.ts'
import type { Addressing } from './jid.ts'

const REMEMBERED = 20_000

/** Under which form of address each message was sent, so that its receipts come back under the same. */
export class Routes {
  private readonly forms = new Map<string, Addressing>()

  /** Returns false when the sender used the id before. */
  add(sender: SimAccount, chat: string, id: string, form: Addressing): boolean {
    const key = keyOf(sender, id)
    const full = `${key} ${chat}`
    const isNew = !this.forms.has(full)
    this.forms.set(full, form)
    this.forms.set(key, form)
    for (const oldest of this.forms.keys()) {
      if (this.forms.size <= REMEMBERED) break
      this.forms.delete(oldest)
    }
    return isNew
  }

  form(sender: SimAccount, id: string): Addressing | undefined {
    return this.forms.get(keyOf(sender, id))
  }
}

const keyOf = (sender: SimAccount, id: string): string => `${sender.phone} ${id}`
