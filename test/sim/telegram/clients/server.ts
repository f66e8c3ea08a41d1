/** What a client must know of a loopback server to trust and find it. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly serverKey: {
    readonly pem: string
    readonly modulus: Buffer
    readonly exponent: number
    readonly fingerprint: bigint
  }
}
