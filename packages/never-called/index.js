'use strict'

/** The SDK reads this at load time; nothing that Viaduct asks of the SDK calls it. */
module.exports = function neverCalled() {
  throw new Error('This part of the Matrix SDK needs a library that is not part of this installation')
}
