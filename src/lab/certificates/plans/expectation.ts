/** What someone who looks at an endpoint should find, while nobody has changed it. */
export interface Expectation {
  /** Why there is no session, as one of Watchkeeper's reasons of failure; absent where there is one. */
  readonly reason?: string;
  /** How many certificates are shown; 2 unless given, and none where `reason` is and this is not. */
  readonly served?: number;
  /** The checks that fail, by name, and for which reason; all others pass or can not be made. */
  readonly failed?: Readonly<Record<string, string>>;
  /** The checks of revocation that can be made; none unless given. */
  readonly revocation?: readonly ("revocation_crl" | "revocation_ocsp")[];
}
