'use strict'

/** The SDK reads this function at load time and calls it where no other was set by `setRequestFn`. */
module.exports = function notAvailable() {
  throw new Error('The HTTP client of the bot SDK is not part of this installation; Viaduct sets its own')
}
