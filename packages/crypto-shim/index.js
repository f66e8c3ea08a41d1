'use strict'

/** The SDK reads this one constant at load time. */
const constants = { StoreType: { Sqlite: 0 } }

/** Names that module loaders probe; answering them with a class would make the shim look like a promise or an ES module. */
const probed = new Set(['then', '__esModule', 'default'])

class NotAvailable {
  constructor() {
    throw new Error('The SDK crypto is not part of this installation; Viaduct does encryption itself')
  }
}

module.exports = new Proxy(constants, {
  get(target, name) {
    if (typeof name === 'symbol' || probed.has(name)) return undefined
    return name in target ? target[name] : NotAvailable
  },
})
